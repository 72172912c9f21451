import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../../../../src/server/engine/embedded/embedded-engine.js";
import { EngineExhausted, EngineUnavailable } from "../../../../../src/server/engine/ports/unavailable.js";
import { Inboxes } from "../../../../../src/server/feature/inbox/inboxes.js";
import { StorableSends } from "../../../../../src/server/feature/inbox/storable-sends.js";
import { Unfinished } from "../../../../../src/server/feature/unfinished.js";
import { UserEvents } from "../../../../../src/server/feature/user-events.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const bob = { appId: "app", userId: "bob" };

/** Messages of alice to bob over an engine in memory, whose inbox fails for the named ones. */
function openSends(failures: ReadonlyMap<string, Error> = new Map()) {
  const runtime = createManualRuntime();
  const engine = createEmbeddedEngine({ runtime, limits: defaultLimits });
  const { inbox } = engine;
  const append: typeof inbox.append = async (user, message) => {
    const failure = failures.get(message.messageId);
    if (failure !== undefined) throw failure;
    return inbox.append(user, message);
  };
  const events = new UserEvents(
    engine,
    () => undefined,
    () => {},
  );
  const faulty = { ...engine, inbox: Object.assign(Object.create(inbox), { append }) };
  const inboxes = new Inboxes(
    faulty,
    events,
    () => undefined,
    runtime.clock,
    defaultLimits,
    { onInboxLoss: () => {}, note: () => {} },
    new Unfinished(runtime.clock, () => {}),
    () => {},
  );
  const sends = new StorableSends(inboxes);
  return {
    sends,
    begin: (messageId: string, epoch = 1, sender = "alice") =>
      sends.begin(bob, epoch, sender, () => ({
        message: new Uint8Array(0),
        sender,
        messageId,
        clientMessageId: "",
        receiptLater: false,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
      })),
    stored: async () => (await inbox.read(bob, 0, 10)).map(({ messageId }) => messageId),
  };
}

describe("StorableSends", () => {
  it("store what was sent earlier before the message itself, and nothing behind it", async () => {
    const { begin, stored } = openSends();
    const [, second] = [begin("one"), begin("two"), begin("three")];

    expect(await second?.store()).toBe(true);

    expect(await stored()).toEqual(["one", "two"]);
  });

  it("store a message once, whoever asks for it", async () => {
    const { begin, stored, sends } = openSends();
    const first = begin("one");

    await Promise.all([sends.makeWay(bob, "alice", 2), first.store(), begin("two").store()]);
    await first.store();

    expect(await stored()).toEqual(["one", "two"]);
  });

  it("make way only of messages to older sessions, of the same sender", async () => {
    const { begin, stored, sends } = openSends();
    begin("old", 1);
    begin("new", 2);
    begin("of carol", 1, "carol");

    await sends.makeWay(bob, "alice", 2);

    expect(await stored()).toEqual(["old"]);
  });

  it("do not store what was acknowledged", async () => {
    const { begin, stored, sends } = openSends();
    const forgotten = begin("one").forget();

    await sends.makeWay(bob, "alice", 2);
    await sends.close();

    expect(forgotten).toBe(true);
    expect(await stored()).toEqual([]);
  });

  it("let nothing pass what is on its way to the store, though it is acknowledged meanwhile", async () => {
    const { begin, sends } = openSends();
    const order: string[] = [];
    const first = begin("one");
    const storing = sends.makeWay(bob, "alice", 2).then(() => order.push("stored"));

    expect(first.forget()).toBe(false);
    await Promise.all([sends.makeWay(bob, "alice", 2).then(() => order.push("free way")), storing]);

    expect(order).toEqual(["stored", "free way"]);
  });

  it("fail for the message that cannot be stored, and go on with those behind it", async () => {
    const failures = new Map([["one", new EngineExhausted("the disk is full")]]);
    const { begin, stored } = openSends(failures);
    const [first, second] = [begin("one"), begin("two")];

    expect(await second.store()).toBe(true);
    failures.clear();
    await expect(first.store()).rejects.toThrow("the disk is full");

    expect(await stored()).toEqual(["two"]);
  });

  it("let nothing pass while the engine is away, whether it goes to the inbox or to a newer session", async () => {
    const failures = new Map([["one", new EngineUnavailable("away")]]);
    const { begin, stored, sends } = openSends(failures);
    const [first, second] = [begin("one"), begin("two")];

    await expect(first.store()).rejects.toThrow("away");
    await expect(second.store()).rejects.toThrow("away");
    await expect(sends.makeWay(bob, "alice", 2)).rejects.toThrow("away");
    failures.clear();
    expect(await second.store()).toBe(true);

    expect(await stored()).toEqual(["one", "two"]);
  });

  it("make way of a message that its session did not take, also to that session", async () => {
    const failures = new Map([["one", new EngineUnavailable("away")]]);
    const { begin, stored, sends } = openSends(failures);
    const first = begin("one", 1);
    await expect(first.store()).rejects.toThrow("away");
    failures.clear();

    await sends.makeWay(bob, "alice", 1);

    expect(await stored()).toEqual(["one"]);
  });

  it("store what a sender has open when its session ends, as the next one may be on another node", async () => {
    const { begin, stored, sends } = openSends();
    for (const id of ["one", "two"]) begin(id);
    begin("of carol", 1, "carol");

    await sends.onEnd({ appId: "app", userId: "alice" });

    expect(await stored()).toEqual(["one", "two"]);
  });

  it("store all that is open when the node stops", async () => {
    const { begin, stored, sends } = openSends();
    for (const id of ["one", "two"]) begin(id);

    await sends.close();

    expect(await stored()).toEqual(["one", "two"]);
  });
});
