import { describe, expect, it } from "vitest";
import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const ada = { appId: "app", userId: "ada" };
const bob = { appId: "app", userId: "bob" };
const onNode = (sessionId: string) => ({ sessionId, nodeId: "node" });
const dayMs = 86_400_000;

export function describeSessionDirectory(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: session directory, claims`, () => {
    it("finds the session that claimed, and nobody else's", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;

      const { epoch, replaced } = await sessions.claim(ada, { sessionId: "s1", nodeId: "n1" });

      expect(replaced).toBeUndefined();
      expect(await sessions.find(ada)).toEqual({ sessionId: "s1", nodeId: "n1", epoch });
      expect(await sessions.find(bob)).toBeUndefined();
    });

    it("tells a newer claim which entry it replaced", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const first = await sessions.claim(ada, { sessionId: "s1", nodeId: "n1" });

      const second = await sessions.claim(ada, { sessionId: "s2", nodeId: "n2" });

      expect(second.replaced).toEqual({ sessionId: "s1", nodeId: "n1", epoch: first.epoch });
      expect(await sessions.find(ada)).toEqual({ sessionId: "s2", nodeId: "n2", epoch: second.epoch });
    });

    it("leaves exactly one of many concurrent claims, and tells each replaced session to exactly one other", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);

      const claims = await Promise.all(ids.map((id) => sessions.claim(ada, onNode(id))));

      const left = await sessions.find(ada);
      const told = claims.flatMap(({ replaced }) => (replaced === undefined ? [] : [replaced.sessionId]));
      expect(left?.epoch).toBe(Math.max(...claims.map(({ epoch }) => epoch)));
      expect([...told, left?.sessionId].sort()).toEqual([...ids].sort());
    });

    it("gives every claim of a user a higher epoch, also after a release and a long time", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const epochs: number[] = [];
      const claim = async () => epochs.push((await engine.sessions.claim(ada, onNode("s"))).epoch);
      await claim();
      await claim();
      await engine.sessions.release(ada, epochs[1] ?? 0);
      await claim();
      await engine.sessions.release(ada, epochs[2] ?? 0);
      await advance(dayMs);
      await claim();

      expect(epochs).toEqual([...new Set(epochs)].sort((one, other) => one - other));
    });

    it("keeps the newer claim when a former session releases, is verified or changes its presence", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const old = await sessions.claim(ada, onNode("s1"));
      const present = await sessions.claim(ada, onNode("s2"));

      expect(await sessions.release(ada, old.epoch)).toBe(false);
      expect(await sessions.setPresence(ada, old.epoch, PresenceState.UNREACHABLE)).toBeUndefined();
      expect(await sessions.verify([{ user: ada, epoch: old.epoch }])).toEqual(["replaced"]);
      expect(await sessions.find(ada)).toMatchObject({ sessionId: "s2", epoch: present.epoch });
      expect(await sessions.presence([ada])).toMatchObject([{ state: PresenceState.ONLINE }]);
    });

    it("lets exactly one of two concurrent releases end the claim", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const { epoch } = await sessions.claim(ada, onNode("s1"));

      const released = await Promise.all([sessions.release(ada, epoch), sessions.release(ada, epoch)]);

      expect(released.sort()).toEqual([false, true]);
      expect(await sessions.find(ada)).toBeUndefined();
    });

    it("does not release an epoch that is yet to come", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const { epoch } = await sessions.claim(ada, onNode("s1"));

      expect(await sessions.release(ada, epoch + 1)).toBe(false);
      expect(await sessions.find(ada)).toBeDefined();
    });

    it("verifies claims in the order given", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const first = await sessions.claim(ada, onNode("s1"));
      const second = await sessions.claim(bob, onNode("s2"));
      const third = await sessions.claim(bob, onNode("s3"));

      const states = await sessions.verify([
        { user: bob, epoch: second.epoch },
        { user: { appId: "app", userId: "nobody" }, epoch: second.epoch },
        { user: ada, epoch: first.epoch },
        { user: bob, epoch: third.epoch },
      ]);

      expect(states).toEqual(["replaced", "lost", "held", "held"]);
      expect(await sessions.verify([])).toEqual([]);
    });

    it("tells the claims of a node until they are released or replaced", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const first = await sessions.claim(ada, { sessionId: "s1", nodeId: "n1" });
      const second = await sessions.claim(bob, { sessionId: "s2", nodeId: "n1" });
      await sessions.claim({ appId: "other", userId: "ada" }, { sessionId: "s3", nodeId: "n2" });

      expect((await sessions.ofNode("n1", 10)).map(({ user }) => user.userId).sort()).toEqual(["ada", "bob"]);
      expect(await sessions.ofNode("n1", 1)).toHaveLength(1);
      await sessions.claim(ada, { sessionId: "s4", nodeId: "n2" });
      expect(await sessions.ofNode("n1", 10)).toEqual([{ user: bob, epoch: second.epoch }]);
      await sessions.release(bob, second.epoch);
      expect(await sessions.ofNode("n1", 10)).toEqual([]);
      expect(await sessions.release(ada, first.epoch)).toBe(false);
    });

    it("keeps users with hostile ids, and those of different apps, apart", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      for (const [appId, userId] of hostileKeys) await sessions.claim({ appId, userId }, onNode(`${appId}/${userId}`));

      for (const [appId, userId] of hostileKeys) {
        expect(await sessions.find({ appId, userId })).toMatchObject({ sessionId: `${appId}/${userId}` });
      }
    });
  });

  describe(`${name}: session directory, presence`, () => {
    it("tells a user who was never online as offline, in a version below its first one", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;

      const [never] = await sessions.presence([ada]);
      expect(never?.state).toBe(PresenceState.OFFLINE);
      await sessions.claim(ada, { sessionId: "s1", nodeId: "n1" });
      const [first] = await sessions.presence([ada]);
      expect(first?.version).toBeGreaterThan(never?.version ?? Number.POSITIVE_INFINITY);
    });

    it("answers in the order asked, also where a user is named twice", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      await sessions.claim(ada, onNode("s1"));

      const states = (await sessions.presence([bob, ada, bob, ada])).map(({ state }) => state);

      expect(states).toEqual([PresenceState.OFFLINE, PresenceState.ONLINE, PresenceState.OFFLINE, PresenceState.ONLINE]);
    });

    it("raises the version with each change of state, also over a long time offline", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const { sessions } = engine;
      const versions: number[] = [];
      const note = async () => versions.push(...(await sessions.presence([ada])).map(({ version }) => version));
      await note();
      const { epoch } = await sessions.claim(ada, onNode("s1"));
      await note();
      await sessions.setPresence(ada, epoch, PresenceState.UNREACHABLE);
      await note();
      await sessions.release(ada, epoch);
      await note();
      await advance(dayMs);
      await sessions.claim(ada, onNode("s2"));
      await note();

      expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
    });

    it("never lets the version of a user who is offline fall", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const { epoch } = await engine.sessions.claim(ada, onNode("s1"));
      await engine.sessions.release(ada, epoch);
      const [before] = await engine.sessions.presence([ada]);
      await advance(dayMs);

      const [after] = await engine.sessions.presence([ada]);

      expect(after?.version).toBeGreaterThanOrEqual(before?.version ?? Number.POSITIVE_INFINITY);
    });

    it("gives the record that others see, and keeps its version if the state stays", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const { epoch } = await sessions.claim(ada, onNode("s1"));

      const changed = await sessions.setPresence(ada, epoch, PresenceState.UNREACHABLE);
      const again = await sessions.setPresence(ada, epoch, PresenceState.UNREACHABLE);

      expect(changed?.state).toBe(PresenceState.UNREACHABLE);
      expect(again).toEqual(changed);
      expect(await sessions.presence([ada])).toEqual([changed]);
    });

    it("keeps the version when a newer session takes over from one that is online", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      await sessions.claim(ada, onNode("s1"));
      const before = await sessions.presence([ada]);

      await sessions.claim(ada, onNode("s2"));

      expect(await sessions.presence([ada])).toEqual(before);
    });

    it("makes an unreachable user online with a newer session", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const { epoch } = await sessions.claim(ada, onNode("s1"));
      const unreachable = await sessions.setPresence(ada, epoch, PresenceState.UNREACHABLE);

      await sessions.claim(ada, onNode("s2"));

      const [online] = await sessions.presence([ada]);
      expect(online?.state).toBe(PresenceState.ONLINE);
      expect(online?.version).toBeGreaterThan(unreachable?.version ?? Number.POSITIVE_INFINITY);
    });
  });

  describe(`${name}: session directory, lists`, () => {
    it("lists the users of an app with a session by id, page by page, and how many they are", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const ids = ["ada", "bob", "cid", "dan", "eve"];
      for (const userId of ids.toReversed()) {
        await sessions.claim({ appId: "app", userId }, { sessionId: `s-${userId}`, nodeId: `n-${userId}` });
      }
      await sessions.claim({ appId: "other", userId: "abe" }, onNode("s"));
      const listed = async (after: string, limit: number) => {
        const { users, count } = await sessions.list("app", after, limit);
        return { users: users.map(({ userId, nodeId }) => `${userId} on ${nodeId}`), count };
      };

      expect(await listed("", 2)).toEqual({ users: ["ada on n-ada", "bob on n-bob"], count: 5 });
      expect(await listed("bob", 2)).toEqual({ users: ["cid on n-cid", "dan on n-dan"], count: 5 });
      expect(await listed("dan", 2)).toEqual({ users: ["eve on n-eve"], count: 5 });
      expect(await listed("eve", 2)).toEqual({ users: [], count: 5 });
      expect(await listed("", 0)).toEqual({ users: [], count: 5 });
    });

    it("lists nobody who has logged out, and keeps apps with hostile ids apart", async () => {
      const { sessions } = (await openEngine(makeEngine)).engine;
      const { epoch } = await sessions.claim(ada, onNode("s1"));
      await sessions.release(ada, epoch);
      for (const [appId, userId] of hostileKeys) if (userId !== "") await sessions.claim({ appId, userId }, onNode("s"));

      for (const appId of new Set(hostileKeys.map(([app]) => app))) {
        const expected = hostileKeys.flatMap(([app, userId]) => (app === appId && userId !== "" ? [userId] : []));
        const { users, count } = await sessions.list(appId, "", 100);
        expect(users.map(({ userId }) => userId)).toEqual(expected.sort());
        expect(count).toBe(expected.length);
      }
    });
  });
}
