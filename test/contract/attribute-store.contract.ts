import { describe, expect, it } from "vitest";
import type { AttributeOwner, AttributeTimer, AttributeWrite } from "../../src/server/engine/ports/attribute-store.js";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const ada: AttributeOwner = { kind: "user", key: { appId: "app", userId: "ada" } };
const lobby: AttributeOwner = { kind: "channel", key: { appId: "app", channel: "lobby" } };

/** A write by ada at time 1 that changes nothing but what is given. */
function writeOf(changes: Partial<Omit<AttributeWrite, "set">> & { set?: Record<string, string> }): AttributeWrite {
  const set = new Map(Object.entries(changes.set ?? {}));
  return { replaceAll: false, remove: [], userId: "ada", atMs: 1, ...changes, set };
}

const stored = (value: string, lastUpdateUser = "ada", lastUpdateMs = 1) => ({ value, lastUpdateUser, lastUpdateMs });
const nothing = { attributes: new Map(), revision: 0 };

export function describeAttributeStore(name: string, makeEngine: MakeEngine): void {
  describeWrites(name, makeEngine);
  describeRevisions(name, makeEngine);
  describeLimits(name, makeEngine);
  describeTimers(name, makeEngine);
}

function describeWrites(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: attribute store, writes`, () => {
    it("reads an empty map in revision 0 where nobody ever wrote", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;

      expect(await attributes.read(ada)).toEqual(nothing);
    });

    it("adds and updates keys, with their writer and time, and gives the set before and after", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      await attributes.write(ada, writeOf({ set: { mood: "calm", city: "Oslo" } }));

      const outcome = await attributes.write(ada, writeOf({ set: { mood: "wild" }, userId: "", atMs: 2 }));

      const before = { attributes: new Map(Object.entries({ mood: stored("calm"), city: stored("Oslo") })), revision: 1 };
      const after = { attributes: new Map(Object.entries({ mood: stored("wild", "", 2), city: stored("Oslo") })), revision: 2 };
      expect(outcome).toEqual({ kind: "written", before, after });
      expect(await attributes.read(ada)).toEqual(after);
    });

    it("removes keys, drops all others on a replacement, and sets what is both removed and set", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const keys = async () => [...(await attributes.read(ada)).attributes.keys()].sort();
      await attributes.write(ada, writeOf({ set: { a: "1", b: "2", c: "3" } }));

      await attributes.write(ada, writeOf({ remove: ["a", "unknown", "b"], set: { b: "4" } }));
      expect(await keys()).toEqual(["b", "c"]);
      await attributes.write(ada, writeOf({ replaceAll: true, set: { d: "5" } }));
      expect(await keys()).toEqual(["d"]);
      await attributes.write(ada, writeOf({ replaceAll: true }));
      expect(await attributes.read(ada)).toEqual({ attributes: new Map(), revision: 4 });
    });

    it("keeps owners with hostile ids, users and channels, and different apps apart", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const owners = hostileKeys.flatMap(([appId, id]): AttributeOwner[] => [
        { kind: "user", key: { appId, userId: id } },
        { kind: "channel", key: { appId, channel: id } },
      ]);
      for (const [index, owner] of owners.entries()) await attributes.write(owner, writeOf({ set: { index: `${index}` } }));

      for (const [index, owner] of owners.entries()) {
        expect(await attributes.read(owner)).toEqual({ attributes: new Map([["index", stored(`${index}`)]]), revision: 1 });
      }
    });

    it("takes any text as a key", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const set = new Map(["__proto__", "constructor", "*", " ", "\u{1F600}"].map((key) => [key, key]));

      await attributes.write(ada, { ...writeOf({}), set });

      const { attributes: read } = await attributes.read(ada);
      expect(new Map([...read].map(([key, { value }]) => [key, value]))).toEqual(set);
    });

    it("forgets an owner and its revision, and no other", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const timer = { dueAtMs: 5, idle: true };
      await attributes.write(ada, writeOf({ set: { a: "1" }, timer }));
      await attributes.write(lobby, writeOf({ set: { a: "1" }, timer }));

      expect(await attributes.drop(ada, timer)).toBe(true);

      expect(await attributes.read(ada)).toEqual(nothing);
      expect(await attributes.drop(ada, timer)).toBe(false);
      expect((await attributes.read(lobby)).revision).toBe(1);
    });
  });
}

function describeRevisions(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: attribute store, revisions`, () => {
    it("keeps the revision and the last updates when a write changes nothing", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      await attributes.write(ada, writeOf({ set: { a: "1", b: "2" } }));
      const before = await attributes.read(ada);

      for (const write of [
        writeOf({ userId: "bob" }),
        writeOf({ userId: "bob", remove: ["c"] }),
        writeOf({ userId: "bob", set: { a: "1" } }),
        writeOf({ userId: "bob", replaceAll: true, set: { b: "2", a: "1" } }),
      ]) {
        const outcome = await attributes.write(ada, write);
        expect(outcome).toEqual({ kind: "written", before, after: before });
      }
      expect(await attributes.read(ada)).toEqual(before);
    });

    it("keeps the last update of a key that is set to its value beside a change", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      await attributes.write(ada, writeOf({ set: { a: "1" } }));

      await attributes.write(ada, writeOf({ replaceAll: true, set: { a: "1", b: "2" }, userId: "bob", atMs: 2 }));

      const expected = new Map(Object.entries({ a: stored("1"), b: stored("2", "bob", 2) }));
      expect(await attributes.read(ada)).toEqual({ attributes: expected, revision: 2 });
    });

    it("stays in revision 0 when nothing is cleared", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;

      await attributes.write(ada, writeOf({ replaceAll: true }));

      expect(await attributes.read(ada)).toEqual(nothing);
    });

    it("refuses a write that expects another revision, also 0, and changes nothing", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      expect(await attributes.write(ada, writeOf({ set: { a: "1" }, expectedRevision: 1 }))).toEqual({
        kind: "conflict",
        revision: 0,
      });
      expect(await attributes.write(ada, writeOf({ set: { a: "1" }, expectedRevision: 0 }))).toMatchObject({ kind: "written" });

      const outcome = await attributes.write(ada, writeOf({ set: { a: "2" }, expectedRevision: 0 }));

      expect(outcome).toEqual({ kind: "conflict", revision: 1 });
      expect((await attributes.read(ada)).attributes.get("a")).toEqual(stored("1"));
    });

    it("lets exactly one of many concurrent writes that expect the same revision through", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const values = Array.from({ length: 20 }, (_, index) => `${index}`);

      const outcomes = await Promise.all(
        values.map((value) => attributes.write(ada, writeOf({ set: { value }, expectedRevision: 0 }))),
      );

      expect(outcomes.filter(({ kind }) => kind === "written")).toHaveLength(1);
      expect((await attributes.read(ada)).revision).toBe(1);
    });

    it("loses none of many concurrent writes to different keys", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);

      await Promise.all(keys.map((key) => attributes.write(ada, writeOf({ set: { [key]: "value" } }))));

      const read = await attributes.read(ada);
      expect(read.revision).toBe(20);
      expect([...read.attributes.keys()].sort()).toEqual([...keys].sort());
    });
  });
}

function describeLimits(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: attribute store, limits`, () => {
    it("bounds the number of attributes of the result, to the last one", async () => {
      const { attributes } = (await openEngine(makeEngine, { attributesPerOwner: 2 })).engine;
      await attributes.write(ada, writeOf({ set: { a: "1", b: "2" } }));
      const before = await attributes.read(ada);

      const refused = await attributes.write(ada, writeOf({ set: { c: "3" } }));

      expect(refused).toEqual({ kind: "too-large", limit: "attributesPerOwner" });
      expect(await attributes.read(ada)).toEqual(before);
      expect(await attributes.write(ada, writeOf({ set: { c: "3" }, remove: ["a"] }))).toMatchObject({ kind: "written" });
    });

    it("bounds the UTF-8 bytes of keys and values together, for users and for channels", async () => {
      const { attributes } = (await openEngine(makeEngine, { userAttributesBytes: 10, channelAttributesBytes: 14 })).engine;
      const bytes = (count: number) => writeOf({ replaceAll: true, set: { "\u00e9": "x".repeat(count - 2) } });

      expect(await attributes.write(ada, bytes(10))).toMatchObject({ kind: "written" });
      expect(await attributes.write(ada, bytes(11))).toEqual({ kind: "too-large", limit: "userAttributesBytes" });
      expect(await attributes.write(ada, writeOf({ set: { a: "" } }))).toEqual({
        kind: "too-large",
        limit: "userAttributesBytes",
      });
      expect(await attributes.write(lobby, bytes(14))).toMatchObject({ kind: "written" });
      expect(await attributes.write(lobby, bytes(15))).toEqual({ kind: "too-large", limit: "channelAttributesBytes" });
      expect((await attributes.read(lobby)).revision).toBe(1);
    });
  });
}

function describeTimers(name: string, makeEngine: MakeEngine): void {
  const at = (dueAtMs: number, idle = false): AttributeTimer => ({ dueAtMs, idle });
  const changes = (timer: AttributeTimer | undefined, value = "1") => writeOf({ set: { a: value }, timer });

  describe(`${name}: attribute store, timers`, () => {
    it("tells which are due, the earliest first, from the very moment on and up to the limit", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const bob: AttributeOwner = { kind: "user", key: { appId: "app", userId: "b\u0000b" } };
      await attributes.write(ada, changes(at(30)));
      await attributes.write(lobby, changes(at(10, true)));
      await attributes.write(bob, changes(at(20)));

      const earliest = { owner: lobby, timer: at(10, true) };
      expect(await attributes.due(9, 10)).toEqual([]);
      expect(await attributes.due(10, 10)).toEqual([earliest]);
      expect(await attributes.due(100, 2)).toEqual([earliest, { owner: bob, timer: at(20) }]);
      expect(await attributes.due(100, 10)).toHaveLength(3);
    });

    it("shows them with the set, and keeps a set without one", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;

      await attributes.write(ada, changes(at(10)));
      expect((await attributes.read(ada)).timer).toEqual(at(10));
      await attributes.write(ada, changes(undefined, "2"));

      expect((await attributes.read(ada)).timer).toBeUndefined();
      expect(await attributes.due(100, 10)).toEqual([]);
    });

    it("keeps the timer when a write changes nothing, unless the set is to be kept from now on, or no more", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      const timerAfter = async (timer: AttributeTimer | undefined) => {
        await attributes.write(ada, changes(timer));
        return (await attributes.read(ada)).timer;
      };

      expect(await timerAfter(at(10))).toEqual(at(10));
      expect(await timerAfter(at(20))).toEqual(at(10));
      expect(await timerAfter(undefined)).toBeUndefined();
      expect(await timerAfter(at(30))).toEqual(at(30));
      expect((await attributes.read(ada)).revision).toBe(1);
      await attributes.write(lobby, writeOf({ replaceAll: true, timer: at(1) }));
      expect(await attributes.read(lobby)).toEqual(nothing);
    });

    it("sets another one, or drops, only where the timer is the expected one", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      await attributes.write(ada, changes(undefined));

      expect(await attributes.setTimer(lobby, at(10), undefined)).toBe(false);
      expect(await attributes.drop(lobby, undefined)).toBe(false);
      expect(await attributes.setTimer(ada, at(10), at(10))).toBe(false);
      expect(await attributes.setTimer(ada, at(10), undefined)).toBe(true);
      for (const wrong of [at(10, true), at(11), undefined]) {
        expect(await attributes.setTimer(ada, at(20), wrong)).toBe(false);
        expect(await attributes.drop(ada, wrong)).toBe(false);
      }
      expect(await attributes.setTimer(ada, at(10, true), at(10))).toBe(true);

      expect(await attributes.due(10, 10)).toEqual([{ owner: ada, timer: at(10, true) }]);
      expect(await attributes.read(ada)).toEqual({
        attributes: new Map([["a", stored("1")]]),
        revision: 1,
        timer: at(10, true),
      });
    });

    it("drops a set that has no timer only where none is expected", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      await attributes.write(ada, changes(undefined));

      expect(await attributes.drop(ada, at(10))).toBe(false);
      expect(await attributes.drop(ada, undefined)).toBe(true);

      expect(await attributes.read(ada)).toEqual(nothing);
    });

    it("lets one of many that would end a set be the winner, and none when the set was written meanwhile", async () => {
      const { attributes } = (await openEngine(makeEngine)).engine;
      await attributes.write(ada, changes(at(10, true)));
      await attributes.write(lobby, changes(at(10, true)));
      await attributes.write(lobby, changes(at(20), "2"));
      const ends = (owner: AttributeOwner) => Promise.all([1, 2, 3].map(() => attributes.drop(owner, at(10, true))));

      expect((await ends(ada)).filter(Boolean)).toHaveLength(1);
      expect((await ends(lobby)).filter(Boolean)).toHaveLength(0);

      expect(await attributes.due(100, 10)).toEqual([{ owner: lobby, timer: at(20) }]);
    });
  });
}
