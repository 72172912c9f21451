import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../../../../src/server/engine/embedded/embedded-engine.js";
import type { AttributeOwner, AttributeTimer } from "../../../../../src/server/engine/ports/attribute-store.js";
import { AttributeEnds } from "../../../../../src/server/feature/attribute/attribute-ends.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const lobby: AttributeOwner = { kind: "channel", key: { appId: "app", channel: "lobby" } };

/** Looks after the attributes of channels that nobody is in, each for 10 s. `onEnd` is called when one is about to end. */
async function startLooking(onEnd: () => Promise<void> = async () => {}) {
  const runtime = createManualRuntime();
  const { clock } = runtime;
  const engine = createEmbeddedEngine({ runtime, limits: defaultLimits });
  const failures: unknown[] = [];
  const users = { isNeeded: async () => true, idleAge: async () => 0, end: async () => {} };
  const channels = {
    isNeeded: async () => false,
    idleAge: async () => 10_000,
    end: async (key: typeof lobby.key, timer: AttributeTimer) => {
      await onEnd();
      await engine.attributes.drop({ kind: "channel", key } as AttributeOwner, timer);
    },
  };
  const write = (owner: AttributeOwner, timer: AttributeTimer) =>
    engine.attributes.write(owner, { replaceAll: false, set: new Map([["a", "1"]]), remove: [], userId: "", atMs: 0, timer });
  new AttributeEnds(engine, users, channels, clock, (failure) => failures.push(failure)).start();
  const revisionOf = async (owner: AttributeOwner) => (await engine.attributes.read(owner)).revision;
  return { runtime, engine, failures, write, revisionOf, due: { dueAtMs: clock.now(), idle: false } };
}

describe("the end of attributes", () => {
  it("comes when nobody has needed them for their time, and not before", async () => {
    const { runtime, write, revisionOf, due } = await startLooking();
    await write(lobby, due);

    await runtime.advanceAsync(10_900);
    expect(await revisionOf(lobby)).toBe(1);
    await runtime.advanceAsync(1_100);

    expect(await revisionOf(lobby)).toBe(0);
  });

  it("does not come for what somebody needs again between the look and the end", async () => {
    const needed = { dueAtMs: Number.MAX_SAFE_INTEGER, idle: false };
    const { runtime, write, revisionOf, due, engine } = await startLooking(async () => {
      await engine.attributes.setTimer(lobby, needed, (await engine.attributes.read(lobby)).timer);
    });
    await write(lobby, due);

    await runtime.advanceAsync(60_000);

    expect(await revisionOf(lobby)).toBe(1);
  });

  it("costs a bounded number of sets at a time", async () => {
    const { runtime, engine, write, due } = await startLooking();
    for (let index = 0; index < 1001; index += 1) await write({ ...lobby, key: { appId: "app", channel: `c${index}` } }, due);

    await runtime.advanceAsync(1_000);

    expect(await engine.attributes.due(due.dueAtMs, 2000)).toHaveLength(1);
  });

  it("waits while the store cannot be written, and reports nothing each second", async () => {
    const { runtime, engine, write, revisionOf, failures, due } = await startLooking();
    await write(lobby, due);
    Object.assign(engine, { health: () => "full" });
    await runtime.advanceAsync(60_000);
    expect(await revisionOf(lobby)).toBe(1);

    Object.assign(engine, { health: () => "ok" });
    await runtime.advanceAsync(12_000);

    expect([await revisionOf(lobby), failures]).toEqual([0, []]);
  });
});
