import { describe, expect, it } from "vitest";
import { MemorySessionDirectory } from "../../../../../src/server/engine/embedded/memory-session-directory.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const session = { sessionId: "s", nodeId: "n" };

describe("the session directory in memory", () => {
  it("lets no version fall when it forgets users who went offline", async () => {
    const sessions = new MemorySessionDirectory(createManualRuntime());
    const userOf = (index: number) => ({ appId: "app", userId: `user${index}` });
    const visit = async (index: number) => {
      const user = userOf(index);
      await sessions.release(user, (await sessions.claim(user, session)).epoch);
      const [presence] = await sessions.presence([user]);
      return presence?.version ?? Number.NaN;
    };
    const once = await visit(0);
    await visit(1);

    for (let index = 2; index < 100_000; index += 1) await visit(index);
    const twice = await visit(1);
    await visit(100_000);

    const [zero, one, unknown] = await sessions.presence([userOf(0), userOf(1), userOf(-1)]);
    expect(zero?.version).toBeGreaterThan(once);
    expect(one?.version).toBe(twice);
    expect(unknown).toEqual(zero);
    expect((await sessions.claim(userOf(0), session)).epoch).toBeGreaterThan(zero?.version ?? Number.POSITIVE_INFINITY);
  });

  it("goes on above the epochs and versions of a former process", async () => {
    const runtime = createManualRuntime();
    const user = { appId: "app", userId: "ada" };
    const former = new MemorySessionDirectory(runtime);
    let last = 0;
    for (let count = 0; count < 1000; count += 1) last = (await former.claim(user, session)).epoch;
    runtime.advance(1000);

    const next = new MemorySessionDirectory(runtime);
    const [forgotten] = await next.presence([user]);
    const { epoch } = await next.claim(user, session);

    expect(forgotten?.version).toBeGreaterThan(last);
    expect(epoch).toBeGreaterThan(forgotten?.version ?? Number.POSITIVE_INFINITY);
    expect(Number.isSafeInteger(epoch)).toBe(true);
  });
});
