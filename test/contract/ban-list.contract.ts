import { describe, expect, it } from "vitest";
import type { BanList, StoredBan } from "../../src/server/engine/ports/ban-list.js";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

/** A ban of a user of the app "app", from everywhere and for ever unless given. */
function banOf(userId: string, { appId = "app", channel = "", untilMs = 0, note = "", setAtMs = 1 } = {}): StoredBan {
  return { user: { appId, userId }, channel, untilMs, note, setAtMs };
}

const ada = { appId: "app", userId: "ada" };

async function listed(bans: BanList, nowMs: number, after?: { userId: string; channel: string }, limit = 100) {
  return (await bans.list("app", nowMs, after, limit)).map(({ user, channel }) => [user.userId, channel]);
}

export function describeBanList(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: ban list`, () => {
    it("keeps a user out of the channel of the ban, and of no other", async () => {
      const { bans } = (await openEngine(makeEngine)).engine;
      const ban = banOf("ada", { channel: "lobby", note: "Be kind." });
      await bans.set(ban);

      expect(await bans.find(ada, "lobby", 1)).toEqual(ban);
      expect(await bans.find(ada, "hall", 1)).toBeUndefined();
      expect(await bans.find(ada, "", 1)).toBeUndefined();
      expect(await bans.find({ appId: "app", userId: "bob" }, "lobby", 1)).toBeUndefined();
    });

    it("keeps a user who is banned from everywhere out of every channel, and tells that ban first", async () => {
      const { bans } = (await openEngine(makeEngine)).engine;
      const everywhere = banOf("ada");
      await bans.set(banOf("ada", { channel: "lobby" }));
      await bans.set(everywhere);

      for (const channel of ["", "lobby", "hall"]) expect(await bans.find(ada, channel, 1)).toEqual(everywhere);
    });

    it("ends a ban at its time, to the moment, and one without a time never", async () => {
      const test = await openEngine(makeEngine);
      const { bans } = test.engine;
      const untilMs = test.now() + 1000;
      await bans.set(banOf("ada", { untilMs }));
      await bans.set(banOf("bob"));

      expect(await bans.find(ada, "", untilMs - 1)).toBeDefined();
      expect(await bans.find(ada, "", untilMs)).toBeUndefined();
      expect(await listed(bans, untilMs - 1)).toEqual([
        ["ada", ""],
        ["bob", ""],
      ]);
      expect(await listed(bans, untilMs)).toEqual([["bob", ""]]);
      await test.advance(86_400_000);
      expect(await listed(bans, test.now())).toEqual([["bob", ""]]);
    });

    it("finds the ban from the channel when the one from everywhere is over", async () => {
      const { bans, now } = await openEngine(makeEngine).then(({ engine, now }) => ({ bans: engine.bans, now: now() }));
      await bans.set(banOf("ada", { untilMs: now + 1000 }));
      await bans.set(banOf("ada", { channel: "lobby" }));

      expect(await bans.find(ada, "lobby", now + 1000)).toEqual(banOf("ada", { channel: "lobby" }));
    });

    it("replaces a ban of the same user and channel, whichever lasts longer", async () => {
      const test = await openEngine(makeEngine);
      const { bans } = test.engine;
      const untilMs = test.now() + 1000;
      await bans.set(banOf("ada", { untilMs, note: "first" }));
      await bans.set(banOf("ada", { untilMs: 0, note: "second" }));
      await test.advance(5000);
      expect(await bans.find(ada, "", test.now())).toMatchObject({ note: "second" });

      await bans.set(banOf("ada", { untilMs: test.now() + 1000, note: "third" }));
      expect(await listed(bans, test.now())).toEqual([["ada", ""]]);
      await test.advance(1000);
      expect(await bans.find(ada, "", test.now())).toBeUndefined();
    });

    it("says whether there was a ban to remove", async () => {
      const test = await openEngine(makeEngine);
      const { bans } = test.engine;
      await bans.set(banOf("ada"));
      await bans.set(banOf("ada", { channel: "lobby", untilMs: test.now() + 500 }));

      expect(await bans.remove(ada, "hall")).toBe(false);
      const removed = await Promise.all([bans.remove(ada, ""), bans.remove(ada, "")]);
      expect(removed.sort()).toEqual([false, true]);
      expect(await bans.find(ada, "", test.now())).toBeUndefined();
      expect(await bans.find(ada, "lobby", test.now())).toBeDefined();
      await test.advance(500);
      expect(await bans.remove(ada, "lobby")).toBe(false);
    });

    it("lists the bans of an app by user, then channel, page by page", async () => {
      const { bans } = (await openEngine(makeEngine)).engine;
      const expected = [
        ["ada", ""],
        ["ada", "hall"],
        ["ada", "lobby"],
        ["adam", ""],
        ["bob", "hall"],
      ];
      for (const [userId = "", channel = ""] of expected.toReversed()) await bans.set(banOf(userId, { channel }));
      await bans.set(banOf("ada", { appId: "other" }));

      expect(await listed(bans, 1)).toEqual(expected);
      expect(await listed(bans, 1, undefined, 2)).toEqual(expected.slice(0, 2));
      expect(await listed(bans, 1, { userId: "ada", channel: "hall" }, 2)).toEqual(expected.slice(2, 4));
      expect(await listed(bans, 1, { userId: "ada", channel: "i" })).toEqual(expected.slice(2));
      expect(await listed(bans, 1, { userId: "bob", channel: "hall" })).toEqual([]);
    });

    it("keeps users and channels with hostile ids, and those of different apps, apart", async () => {
      const { bans } = (await openEngine(makeEngine)).engine;
      for (const [appId, userId] of hostileKeys) await bans.set(banOf(userId, { appId, note: `${appId}/${userId}` }));
      for (const [userId, channel] of hostileKeys) await bans.set(banOf(userId, { appId: "channels", channel, note: channel }));

      for (const [appId, userId] of hostileKeys) {
        expect(await bans.find({ appId, userId }, "", 1)).toMatchObject({ note: `${appId}/${userId}` });
      }
      for (const [userId, channel] of hostileKeys) {
        if (channel !== "") expect(await bans.find({ appId: "channels", userId: `${userId}x` }, channel, 1)).toBeUndefined();
        expect(await bans.remove({ appId: "channels", userId }, channel)).toBe(true);
      }
    });
  });
}
