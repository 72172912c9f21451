import { describe, expect, it } from "vitest";
import { type EngineUnderTest, hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const ada = { appId: "app", userId: "ada" };
const bob = { appId: "app", userId: "bob" };

/** A message that expires a minute after the test began, unless given another age. */
function messageOf({ now }: EngineUnderTest, messageId: string, ageMs = 60_000) {
  return {
    message: Uint8Array.of(messageId.length),
    sender: `from ${messageId}`,
    messageId,
    clientMessageId: `client ${messageId}`,
    receiptLater: messageId.length % 2 === 0,
    expiresAtMs: now() + ageMs,
  };
}

/** What is told of a message of `messageOf` that has left its inbox. */
function removedOf(messageId: string) {
  const { length } = messageId;
  return { messageId, sender: `from ${messageId}`, clientMessageId: `client ${messageId}`, receiptLater: length % 2 === 0 };
}

async function idsOf({ engine }: EngineUnderTest, user = ada, afterSequence = 0, limit = 1000): Promise<string[]> {
  return (await engine.inbox.read(user, afterSequence, limit)).map(({ messageId }) => messageId);
}

export function describeInbox(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: inbox, messages`, () => {
    it("gives messages in the order stored, with rising sequences, and all that was stored", async () => {
      const test = await openEngine(makeEngine);
      for (const id of ["a", "bb"]) await test.engine.inbox.append(ada, messageOf(test, id));

      const [first, second, ...more] = await test.engine.inbox.read(ada, 0, 10);

      expect(first).toEqual({ ...messageOf(test, "a"), sequence: first?.sequence });
      expect(second).toEqual({ ...messageOf(test, "bb"), sequence: second?.sequence });
      expect(second?.sequence).toBeGreaterThan(first?.sequence ?? Number.POSITIVE_INFINITY);
      expect(more).toEqual([]);
    });

    it("reads pages by the sequence of the last message read", async () => {
      const test = await openEngine(makeEngine);
      for (const id of ["a", "b", "c"]) await test.engine.inbox.append(ada, messageOf(test, id));
      const [, last] = await test.engine.inbox.read(ada, 0, 2);

      expect(await idsOf(test, ada, 0, 2)).toEqual(["a", "b"]);
      expect(await idsOf(test, ada, last?.sequence)).toEqual(["c"]);
      expect(await idsOf(test, ada, 0, 0)).toEqual([]);
    });

    it("stores a message id once, also concurrently, and in each inbox", async () => {
      const test = await openEngine(makeEngine);
      await Promise.all(["a", "a", "a"].map((id) => test.engine.inbox.append(ada, messageOf(test, id))));
      const before = await test.engine.inbox.read(ada, 0, 10);

      await test.engine.inbox.append(ada, { ...messageOf(test, "a"), sender: "another" });
      await test.engine.inbox.append(bob, messageOf(test, "a"));

      expect(before).toHaveLength(1);
      expect(await test.engine.inbox.read(ada, 0, 10)).toEqual(before);
      expect(await idsOf(test, bob)).toEqual(["a"]);
    });

    it("removes what is acknowledged and nothing else, and says once whose it was", async () => {
      const test = await openEngine(makeEngine);
      const { inbox } = test.engine;
      for (const id of ["a", "b", "cc"]) await inbox.append(ada, messageOf(test, id));
      await inbox.append(bob, messageOf(test, "d"));
      const [first, , third] = (await inbox.read(ada, 0, 10)).map(({ sequence }) => sequence);
      const acknowledged = [third ?? 0, first ?? 0];

      expect(await inbox.acknowledge(ada, acknowledged)).toEqual([removedOf("a"), removedOf("cc")]);
      expect(await inbox.acknowledge(ada, acknowledged)).toEqual([]);
      expect(await inbox.acknowledge(ada, [])).toEqual([]);
      expect(await idsOf(test)).toEqual(["b"]);
      expect(await idsOf(test, bob)).toEqual(["d"]);
    });

    it("gives a message that is acknowledged after its time and before it was removed", async () => {
      const test = await openEngine(makeEngine);
      const { inbox } = test.engine;
      await inbox.append(ada, messageOf(test, "a", 1000));
      const [read] = await inbox.read(ada, 0, 1);
      await test.advance(1000);

      expect(await inbox.acknowledge(ada, [read?.sequence ?? 0])).toEqual([removedOf("a")]);
      expect(await inbox.expire(test.now(), 10)).toEqual([]);
    });

    it("never gives a lower sequence, also after it was empty for a long time", async () => {
      const test = await openEngine(makeEngine);
      await test.engine.inbox.append(ada, messageOf(test, "a"));
      const [former] = await test.engine.inbox.read(ada, 0, 10);
      await test.engine.inbox.acknowledge(ada, [former?.sequence ?? 0]);
      await test.advance(86_400_000);

      await test.engine.inbox.append(ada, messageOf(test, "b"));

      expect(await idsOf(test, ada, former?.sequence)).toEqual(["b"]);
    });

    it("keeps users with hostile ids, and those of different apps, apart", async () => {
      const test = await openEngine(makeEngine);
      const users = hostileKeys.map(([appId, userId]) => ({ appId, userId }));
      for (const user of users) await test.engine.inbox.append(user, messageOf(test, `${user.appId}/${user.userId}`));

      for (const user of users) expect(await idsOf(test, user)).toEqual([`${user.appId}/${user.userId}`]);
    });

    it("takes hostile message ids like any other", async () => {
      const test = await openEngine(makeEngine);
      const ids = ["__proto__", "constructor", "", "*"];
      for (const id of ids) await test.engine.inbox.append(ada, messageOf(test, id));

      expect(await idsOf(test)).toEqual(ids);
    });
  });

  describe(`${name}: inbox, bounds`, () => {
    it("drops the oldest message for the one above inboxMessages, and says whose it was", async () => {
      const test = await openEngine(makeEngine, { inboxMessages: 2 });
      const dropped: unknown[] = [];
      for (const id of ["a", "b", "c"]) dropped.push((await test.engine.inbox.append(ada, messageOf(test, id))).dropped);

      expect(dropped).toEqual([[], [], [removedOf("a")]]);
      expect(await idsOf(test)).toEqual(["b", "c"]);
    });

    it("drops the oldest message of the sender with the most, so that nobody pushes out those who sent less", async () => {
      const test = await openEngine(makeEngine, { inboxMessages: 4 });
      const from = (sender: string, messageId: string) =>
        test.engine.inbox.append(ada, { ...messageOf(test, messageId), sender });
      for (const id of ["quiet 1", "quiet 2"]) await from("quiet", id);
      await from("other", "other 1");

      const dropped: string[] = [];
      for (const id of ["loud 1", "loud 2", "loud 3", "loud 4"]) {
        dropped.push(...(await from("loud", id)).dropped.map(({ messageId }) => messageId));
      }

      // Two and two: then it is the one whose oldest is the oldest of all.
      expect(dropped).toEqual(["quiet 1", "loud 1", "loud 2"]);
      expect(await idsOf(test)).toEqual(["quiet 2", "other 1", "loud 3", "loud 4"]);
    });

    it("drops nothing for a message that is there already", async () => {
      const test = await openEngine(makeEngine, { inboxMessages: 2 });
      for (const id of ["a", "b"]) await test.engine.inbox.append(ada, messageOf(test, id));

      expect(await test.engine.inbox.append(ada, messageOf(test, "a"))).toEqual({ dropped: [] });
      expect(await idsOf(test)).toEqual(["a", "b"]);
    });

    it("keeps nothing with a limit of 0, and says so", async () => {
      const test = await openEngine(makeEngine, { inboxMessages: 0 });

      const { dropped } = await test.engine.inbox.append(ada, messageOf(test, "a"));

      expect(dropped).toEqual([removedOf("a")]);
      expect(await idsOf(test)).toEqual([]);
    });

    it("does not read a message from the moment on at which it expires", async () => {
      const test = await openEngine(makeEngine);
      await test.engine.inbox.append(ada, messageOf(test, "long", 2000));
      await test.engine.inbox.append(ada, messageOf(test, "short", 1000));

      await test.advance(999);
      expect(await idsOf(test)).toEqual(["long", "short"]);
      await test.advance(1);
      expect(await idsOf(test)).toEqual(["long"]);
    });

    it("removes expired messages once, the earliest first, a few at a time, with their receivers", async () => {
      const test = await openEngine(makeEngine);
      const { inbox } = test.engine;
      await inbox.append(ada, messageOf(test, "third", 3000));
      await inbox.append(bob, messageOf(test, "first", 1000));
      await inbox.append(ada, messageOf(test, "second", 2000));
      await inbox.append(ada, messageOf(test, "last", 4000));
      await test.advance(3000);

      expect(await inbox.expire(test.now(), 2)).toEqual([
        { ...removedOf("first"), receiver: bob },
        { ...removedOf("second"), receiver: ada },
      ]);
      expect(await inbox.expire(test.now(), 2)).toEqual([{ ...removedOf("third"), receiver: ada }]);
      expect(await inbox.expire(test.now(), 2)).toEqual([]);
      expect(await idsOf(test)).toEqual(["last"]);
    });

    it("does not expire what was acknowledged or dropped", async () => {
      const test = await openEngine(makeEngine, { inboxMessages: 1 });
      const { inbox } = test.engine;
      for (const id of ["dropped", "acknowledged"]) await inbox.append(ada, messageOf(test, id));
      await inbox.acknowledge(ada, [(await inbox.read(ada, 0, 1))[0]?.sequence ?? 0]);
      await test.advance(60_000);

      expect(await inbox.expire(test.now(), 10)).toEqual([]);
    });
  });
}
