import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChannelNews, channelTopic } from "../../src/server/engine/ports/channel-topic.js";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const lobby = { appId: "app", channel: "lobby" };
const member = (userId: string, epoch = 1) => ({ userId, nodeId: "node", epoch });
/** What two members at most are told of a change, by a text, and what more of them are told. */
const noticeOf = (userId: string) => ({ single: joined(userId), most: 2, many: manyChanged });
const joined = (userId: string) => ({ $case: "memberJoined", value: { channel: "lobby", userId } }) as const;
const manyChanged = { $case: "membersChanged", value: { missed: false } } as const;
const textOf = (news: ChannelNews) => (news.$case === "memberJoined" ? news.value.userId : news.$case);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `user${index}`);

export function describeChannelDirectory(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: channel directory, joins and leaves`, () => {
    it("tells the first join of a user only, and counts it once", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;

      expect(await channels.join(lobby, member("ada"))).toEqual({ joined: true, count: 1 });
      expect(await channels.join(lobby, member("ada"))).toEqual({ joined: false, count: 1 });
      expect(await channels.join(lobby, member("bob"))).toEqual({ joined: true, count: 2 });
    });

    it("tells exactly one of many concurrent joins that it joined, and one of many leaves that it left", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const epochs = Array.from({ length: 20 }, (_, index) => index + 1);

      const joins = await Promise.all(epochs.map((epoch) => channels.join(lobby, member("ada", epoch))));
      const leaves = await Promise.all(epochs.map(() => channels.leave(lobby, "ada", epochs.length)));

      expect(joins.filter(({ joined }) => joined)).toHaveLength(1);
      expect(leaves.filter(({ left }) => left)).toHaveLength(1);
      expect(await channels.counts([lobby])).toEqual([0]);
    });

    it("lets a session leave only what was not joined by a newer one", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      await channels.join(lobby, member("ada", 5));

      expect(await channels.leave(lobby, "ada", 4)).toEqual({ left: false, count: 1 });
      expect(await channels.isMember(lobby, "ada")).toBe(true);
      expect(await channels.leave(lobby, "ada", 6)).toEqual({ left: true, count: 0 });
      expect(await channels.isMember(lobby, "ada")).toBe(false);
    });

    it("keeps the newer of two epochs, in whichever order they join", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      await channels.join(lobby, member("ada", 5));
      await channels.join(lobby, member("ada", 3));
      await channels.join(lobby, member("bob", 3));
      await channels.join(lobby, member("bob", 5));

      expect(await channels.leave(lobby, "ada", 4)).toEqual({ left: false, count: 2 });
      expect(await channels.leave(lobby, "bob", 4)).toEqual({ left: false, count: 2 });
    });

    it("lets nobody leave where nobody is", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;

      expect(await channels.leave(lobby, "ada", 1)).toEqual({ left: false, count: 0 });
      await channels.join(lobby, member("bob"));
      expect(await channels.leave(lobby, "ada", 1)).toEqual({ left: false, count: 1 });
    });

    it("counts channels in the order asked, with 0 for an unknown one and once more for one named twice", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const hall = { appId: "app", channel: "hall" };
      for (const user of ["ada", "bob"]) await channels.join(hall, member(user));
      await channels.join(lobby, member("ada"));

      expect(await channels.counts([hall, { appId: "app", channel: "none" }, lobby, hall])).toEqual([2, 0, 1, 2]);
    });

    it("keeps channels with hostile ids, and those of different apps, apart", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const keys = hostileKeys.map(([appId, channel]) => ({ appId, channel }));
      for (const key of keys) await channels.join(key, member(`${key.appId}/${key.channel}`));

      for (const key of keys) {
        const { users, count } = await channels.members(key, { order: "latest", limit: 10 });
        expect({ users, count }).toEqual({ users: [`${key.appId}/${key.channel}`], count: 1 });
      }
    });

    it("takes users with hostile ids as members like any other", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const users = hostileKeys.map(([appId, id]) => `${appId}${id}`);
      for (const user of users) await channels.join(lobby, member(user));

      expect(await channels.counts([lobby])).toEqual([new Set(users).size]);
      expect(await channels.isMember(lobby, "toString")).toBe(false);
      for (const user of users) expect(await channels.isMember(lobby, user)).toBe(true);
    });
  });

  describe(`${name}: channel directory, notices`, () => {
    const openHeard = async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      await engine.bus.subscribe(channelTopic(lobby), (news) => heard.push(textOf(news)));
      return { channels: engine.channels, advance, heard };
    };

    it("tells the members of what was changed, and of nothing else", async () => {
      const { channels, advance, heard } = await openHeard();

      await channels.join(lobby, member("ada", 2), noticeOf("ada in"));
      await channels.join(lobby, member("ada", 3), noticeOf("ada in again"));
      await channels.leave(lobby, "ada", 2, noticeOf("an older ada out"));
      await channels.leave(lobby, "bob", 1, noticeOf("bob out"));
      await channels.join(lobby, member("cid"));
      await channels.leave(lobby, "cid", 1);
      await channels.join({ appId: "app", channel: "hall" }, member("ada"), noticeOf("elsewhere"));
      await channels.leave(lobby, "ada", 3, noticeOf("ada out"));
      await advance(0);

      expect(heard).toEqual(["ada in", "ada out"]);
    });

    it("tells of single users where there are few, the one who comes or goes among them", async () => {
      const { channels, advance, heard } = await openHeard();

      for (const user of ["ada", "bob", "cid"]) await channels.join(lobby, member(user), noticeOf(`${user} in`));
      for (const user of ["ada", "bob", "cid"]) await channels.leave(lobby, user, 1, noticeOf(`${user} out`));
      await advance(0);

      expect(heard).toEqual(["ada in", "bob in", "membersChanged", "membersChanged", "bob out", "cid out"]);
    });

    it("tells of the changes of many callers in the order in which they were made", async () => {
      const { channels, advance, heard } = await openHeard();
      const comeAndGo = async () => {
        for (let round = 0; round < 8; round += 1) {
          await channels.join(lobby, member("ada"), noticeOf("in"));
          await channels.leave(lobby, "ada", 1, noticeOf("out"));
        }
      };

      await Promise.all(numbered(5).map(comeAndGo));
      await advance(0);

      expect(heard.length).toBeGreaterThanOrEqual(2 * 8);
      expect(heard).toEqual(heard.map((_, index) => (index % 2 === 0 ? "in" : "out")));
    });
  });

  describe(`${name}: channel directory, choice of members`, () => {
    it("gives nobody for a channel that nobody is in, and nobody for a limit of 0", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      await channels.join(lobby, member("ada"));

      for (const order of ["latest", "random"] as const) {
        expect(await channels.members({ appId: "app", channel: "none" }, { order, limit: 10 })).toEqual({
          users: [],
          count: 0,
        });
        expect(await channels.members(lobby, { order, limit: 0 })).toEqual({ users: [], count: 1 });
      }
    });

    it("puts a user who comes back in front, and keeps the place of one who joins again without leaving", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      for (const user of ["ada", "bob", "cid"]) await channels.join(lobby, member(user));
      await channels.leave(lobby, "ada", 1);
      await channels.join(lobby, member("ada"));
      await channels.join(lobby, member("bob", 2));

      const { users } = await channels.members(lobby, { order: "latest", limit: 10 });

      expect(users).toEqual(["ada", "cid", "bob"]);
    });

    it("gives the latest in their order and random ones each once, after any joins and leaves", async () => {
      const user = fc.integer({ min: 0, max: 20 }).map((index) => `user${index}`);
      const step = fc.record({ user, joins: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 400, size: "max" }),
          fc.integer({ min: 0, max: 25 }),
          async (steps, limit) => {
            const { engine } = await openEngine(makeEngine);
            const model: string[] = [];
            for (const { user: userId, joins } of steps) {
              const index = model.indexOf(userId);
              if (joins && index < 0) model.push(userId);
              if (!joins && index >= 0) model.splice(index, 1);
              if (joins) await engine.channels.join(lobby, member(userId));
              else await engine.channels.leave(lobby, userId, 1);
            }

            const latest = await engine.channels.members(lobby, { order: "latest", limit });
            const random = await engine.channels.members(lobby, { order: "random", limit });

            expect(latest).toEqual({ users: model.toReversed().slice(0, limit), count: model.length });
            expect(random.count).toBe(model.length);
            expect(new Set(random.users).size).toBe(Math.min(limit, model.length));
            expect(model).toEqual(expect.arrayContaining(random.users));
          },
        ),
        { numRuns: 25 },
      );
    });

    it("gives every member a chance in a random choice", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const users = numbered(10);
      for (const user of users) await channels.join(lobby, member(user));
      const chosen = new Set<string>();

      // A member is missed in all 200 choices of 3 out of 10 with a probability of 0.7^200.
      for (let round = 0; round < 200; round += 1) {
        for (const user of (await channels.members(lobby, { order: "random", limit: 3 })).users) chosen.add(user);
      }

      expect([...chosen].sort()).toEqual(users);
    });

    it("chooses from a channel of 10,000 members", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const users = numbered(10_000);
      await Promise.all(users.map((user) => channels.join(lobby, member(user))));

      const latest = await channels.members(lobby, { order: "latest", limit: 512 });
      const random = await channels.members(lobby, { order: "random", limit: 512 });

      expect(latest).toEqual({ users: users.toReversed().slice(0, 512), count: 10_000 });
      expect(random.count).toBe(10_000);
      expect(new Set(random.users).size).toBe(512);
    });
  });

  describe(`${name}: channel directory, lists`, () => {
    it("gives members in the order in which they joined, page by page", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      for (const user of numbered(5)) await channels.join(lobby, member(user));
      await channels.leave(lobby, "user1", 1);
      const page = async (skip: number) => (await channels.members(lobby, { order: "earliest", skip, limit: 2 })).users;

      expect(await page(0)).toEqual(["user0", "user2"]);
      expect(await page(2)).toEqual(["user3", "user4"]);
      expect(await page(4)).toEqual([]);
    });

    it("lists the channels of an app that have members by id, page by page, and how many there are", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      for (const channel of ["garden", "attic", "hall", "cellar"])
        await channels.join({ appId: "app", channel }, member("ada"));
      await channels.join({ appId: "other", channel: "bath" }, member("ada"));
      await channels.leave({ appId: "app", channel: "cellar" }, "ada", 1);

      expect(await channels.list("app", "", 2)).toEqual({ channels: ["attic", "garden"], count: 3 });
      expect(await channels.list("app", "garden", 2)).toEqual({ channels: ["hall"], count: 3 });
      expect(await channels.count()).toBe(4);
    });

    it("tells the members who joined on a node, with their channels, until they leave or join on another one", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const hall = { appId: "other", channel: "hall" };
      const on = (userId: string, nodeId: string, epoch = 1) => ({ userId, nodeId, epoch });
      await channels.join(lobby, on("ada", "n1"));
      await channels.join(hall, on("ada", "n1"));
      await channels.join(lobby, on("bob", "n1"));
      await channels.join(lobby, on("cid", "n2"));

      const all = await channels.ofNode("n1", 10);
      expect(all.map(({ channel, userId, epoch }) => `${channel.appId} ${channel.channel} ${userId} ${epoch}`).sort()).toEqual([
        "app lobby ada 1",
        "app lobby bob 1",
        "other hall ada 1",
      ]);
      expect(await channels.ofNode("n1", 2)).toHaveLength(2);
      await channels.join(lobby, on("ada", "n2", 2));
      await channels.leave(hall, "ada", 1);
      expect(await channels.ofNode("n1", 10)).toEqual([{ channel: lobby, userId: "bob", epoch: 1 }]);
      await channels.leave(lobby, "bob", 1);
      expect(await channels.ofNode("n1", 10)).toEqual([]);
      expect((await channels.ofNode("n2", 10)).map(({ userId }) => userId).sort()).toEqual(["ada", "cid"]);
    });

    it("lists the same as sorting all would, whatever the pages", async () => {
      const { channels } = (await openEngine(makeEngine)).engine;
      const ids = fc.sample(fc.string({ minLength: 1, maxLength: 4 }), { numRuns: 200, seed: 7 });
      for (const channel of ids) await channels.join({ appId: "app", channel }, member("ada"));
      const listed: string[] = [];

      for (let after = "", page = [""]; page.length > 0; after = page.at(-1) ?? "") {
        page = (await channels.list("app", after, 7)).channels;
        listed.push(...page);
      }

      expect(listed).toEqual([...new Set(ids)].sort());
    });
  });
}
