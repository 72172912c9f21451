import { describe, expect, it } from "vitest";
import { Invitation, InvitationState } from "../../gen/aldis/v1/invitation.js";
import type { StoredInvitation } from "../../src/server/engine/ports/invitation-store.js";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const patience = { offlineMs: 30_000, receiveMs: 30_000, answerMs: 60_000 };

/** An invitation of ada to bob in version 1, without a timer or a unique key unless given. */
function invitationOf(
  invitationId: string,
  {
    appId = "app",
    dueAtMs = 0,
    uniqueKey = "",
    ...fields
  }: Partial<Omit<StoredInvitation, "invitation" | "patience"> & Invitation> = {},
): StoredInvitation {
  const sent = { invitationId, version: 1, state: InvitationState.SENT, caller: "ada", callee: "bob" };
  return { appId, dueAtMs, uniqueKey, patience, invitation: Invitation.fromPartial({ ...sent, ...fields }) };
}

/** The next version of an invitation, in another state. */
function nextOf(stored: StoredInvitation, state: InvitationState, dueAtMs = 0): StoredInvitation {
  return { ...stored, dueAtMs, invitation: { ...stored.invitation, state, version: stored.invitation.version + 1 } };
}

const idsOf = (invitations: StoredInvitation[]) => invitations.map(({ invitation }) => invitation.invitationId);

export function describeInvitationStore(name: string, makeEngine: MakeEngine): void {
  describeChanges(name, makeEngine);
  describeLive(name, makeEngine);
  describeTimers(name, makeEngine);
}

function describeChanges(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: invitation store, changes`, () => {
    it("creates an id once, however many try", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const callers = ["ada", "bob", "cid"];

      const outcomes = await Promise.all(callers.map((caller) => invitations.create(invitationOf("i", { caller }))));

      expect(outcomes.sort()).toEqual(["created", "exists", "exists"]);
    });

    it("finds what was created, as it was last stored", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const sent = invitationOf("i", { content: "Come!", dueAtMs: 5, uniqueKey: "key" });
      const received = nextOf(sent, InvitationState.RECEIVED, 7);

      await invitations.create(sent);
      expect(await invitations.find("app", "i")).toEqual(sent);
      expect(await invitations.replace(received, 1)).toBe(true);
      expect(await invitations.find("app", "i")).toEqual(received);
      expect(await invitations.find("app", "unknown")).toBeUndefined();
    });

    it("lets exactly one of several changes of a version win", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const sent = invitationOf("i");
      await invitations.create(sent);
      const states = [InvitationState.ACCEPT_SENT, InvitationState.CANCELED, InvitationState.REFUSED, InvitationState.FAILED];

      const won = await Promise.all(states.map((state) => invitations.replace(nextOf(sent, state), 1)));

      expect(won.filter((one) => one)).toHaveLength(1);
      expect((await invitations.find("app", "i"))?.invitation.state).toBe(states[won.indexOf(true)]);
    });

    it("changes nothing for a version that is not the present one, and nothing that does not exist", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const sent = invitationOf("i");
      await invitations.create(sent);

      expect(await invitations.replace(nextOf(sent, InvitationState.CANCELED), 0)).toBe(false);
      expect(await invitations.replace(nextOf(sent, InvitationState.CANCELED), 2)).toBe(false);
      expect(await invitations.replace(nextOf(invitationOf("unknown"), InvitationState.CANCELED), 1)).toBe(false);
      expect(await invitations.find("app", "i")).toEqual(sent);
      expect(await invitations.find("app", "unknown")).toBeUndefined();
    });

    it("keeps invitations with hostile ids, and those of different apps, apart", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const all = hostileKeys.map(([appId, id]) =>
        invitationOf(id, { appId, uniqueKey: id, caller: id, callee: `callee ${id}` }),
      );
      for (const stored of all) expect(await invitations.create(stored)).toBe("created");

      for (const stored of all) {
        const { appId, invitation } = stored;
        expect(await invitations.find(appId, invitation.invitationId)).toEqual(stored);
        expect(await invitations.live(appId, invitation.caller)).toEqual([stored]);
      }
    });
  });
}

function describeLive(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: invitation store, live invitations`, () => {
    it("lets one invitation live for a unique key, and the next one when it has ended", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const first = invitationOf("i1", { uniqueKey: "key" });
      await invitations.create(first);

      expect(await invitations.create(invitationOf("i2", { uniqueKey: "key" }))).toBe("duplicate");
      expect(await invitations.create(invitationOf("i1", { uniqueKey: "key" }))).toBe("exists");
      expect(await invitations.create(invitationOf("i2", { uniqueKey: "key", appId: "other" }))).toBe("created");
      expect(await invitations.replace(nextOf(first, InvitationState.RECEIVED), 1)).toBe(true);
      expect(await invitations.create(invitationOf("i2", { uniqueKey: "key" }))).toBe("duplicate");
      expect(await invitations.replace(nextOf(nextOf(first, InvitationState.RECEIVED), InvitationState.REFUSED), 2)).toBe(true);
      expect(await invitations.create(invitationOf("i2", { uniqueKey: "key" }))).toBe("created");
    });

    it("lets any number live without a unique key, also while one of them ends", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const first = invitationOf("i1");

      expect(await invitations.create(first)).toBe("created");
      expect(await invitations.create(invitationOf("i2"))).toBe("created");
      await invitations.replace(nextOf(first, InvitationState.CANCELED), 1);
      expect(await invitations.create(invitationOf("i3"))).toBe("created");
    });

    it("lists live invitations for both sides, the oldest first, also after changes", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const first = invitationOf("i1", { sentAtMs: 1 });
      await invitations.create(first);
      await invitations.create(invitationOf("i2", { caller: "bob", callee: "ada", sentAtMs: 2 }));
      await invitations.create(invitationOf("i3", { caller: "bob", callee: "cid", sentAtMs: 3 }));
      await invitations.replace(nextOf(first, InvitationState.ACCEPTED), 1);

      expect(idsOf(await invitations.live("app", "ada"))).toEqual(["i1", "i2"]);
      expect(idsOf(await invitations.live("app", "bob"))).toEqual(["i1", "i2", "i3"]);
      expect(idsOf(await invitations.live("app", "cid"))).toEqual(["i3"]);
      expect(idsOf(await invitations.live("other", "ada"))).toEqual([]);
    });

    it("lists one that somebody sent to oneself once", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      await invitations.create(invitationOf("i1", { callee: "ada" }));

      expect(idsOf(await invitations.live("app", "ada"))).toEqual(["i1"]);
    });

    it("lists none that has ended, and still finds it", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const terminal = [InvitationState.REFUSED, InvitationState.CANCELED, InvitationState.FAILED, InvitationState.ENDED];
      for (const state of terminal) {
        await invitations.create(invitationOf(`i${state}`));
        await invitations.replace(nextOf(invitationOf(`i${state}`), state), 1);
      }

      expect(await invitations.live("app", "ada")).toEqual([]);
      for (const state of terminal) expect((await invitations.find("app", `i${state}`))?.invitation.state).toBe(state);
    });
  });
}

function describeTimers(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: invitation store, timers`, () => {
    it("gives invitations whose timer is due, the earliest first, at most as many as asked, again and again", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      for (const [id, dueAtMs] of Object.entries({ late: 400, third: 300, first: 100, never: 0, second: 200 })) {
        await invitations.create(invitationOf(id, { dueAtMs }));
      }

      expect(idsOf(await invitations.due(99, 10))).toEqual([]);
      expect(idsOf(await invitations.due(300, 10))).toEqual(["first", "second", "third"]);
      expect(idsOf(await invitations.due(300, 2))).toEqual(["first", "second"]);
      expect(idsOf(await invitations.due(399, 10))).toEqual(["first", "second", "third"]);
    });

    it("moves the timer with a change, also with the one that ends it", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const moved = invitationOf("moved", { dueAtMs: 100 });
      const stopped = invitationOf("stopped", { dueAtMs: 100 });
      const ended = invitationOf("ended", { dueAtMs: 100 });
      for (const stored of [moved, stopped, ended]) await invitations.create(stored);
      await invitations.replace(nextOf(moved, InvitationState.RECEIVED, 200), 1);
      await invitations.replace(nextOf(stopped, InvitationState.ACCEPTED), 1);
      await invitations.replace(nextOf(ended, InvitationState.FAILED, 300), 1);

      expect(idsOf(await invitations.due(199, 10))).toEqual([]);
      expect(idsOf(await invitations.due(200, 10))).toEqual(["moved"]);
      expect(await invitations.due(300, 10)).toEqual([
        nextOf(moved, InvitationState.RECEIVED, 200),
        nextOf(ended, InvitationState.FAILED, 300),
      ]);
    });

    it("moves and stops the timer of a version, whether it lives or has ended, and changes nothing else", async () => {
      const test = await openEngine(makeEngine);
      const { invitations } = test.engine;
      const live = invitationOf("live", { dueAtMs: 100 });
      const ended = nextOf(invitationOf("ended", { uniqueKey: "key" }), InvitationState.CANCELED, 100);
      await invitations.create(live);
      await invitations.create(invitationOf("ended", { uniqueKey: "key" }));
      await invitations.replace(ended, 1);
      await invitations.create(invitationOf("next", { uniqueKey: "key" }));
      await test.advance(1000);

      expect(await invitations.replace({ ...live, dueAtMs: 300 }, 1)).toBe(true);
      expect(await invitations.replace({ ...ended, dueAtMs: 200 }, 1)).toBe(false);
      expect(await invitations.replace({ ...ended, dueAtMs: 200 }, 2)).toBe(true);
      expect(idsOf(await invitations.due(300, 10))).toEqual(["ended", "live"]);
      expect(await invitations.replace({ ...ended, dueAtMs: 0 }, 2)).toBe(true);

      expect(idsOf(await invitations.due(300, 10))).toEqual(["live"]);
      expect(await invitations.find("app", "ended")).toEqual({ ...ended, dueAtMs: 0 });
      expect(idsOf(await invitations.live("app", "ada"))).toEqual(["live", "next"]);
      expect(await invitations.create(invitationOf("third", { uniqueKey: "key" }))).toBe("duplicate");
      expect(await invitations.forgetEnded(test.now(), 10)).toBe(1);
    });

    it("starts a timer again that had been stopped, beside those of others", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const stopped = invitationOf("stopped", { dueAtMs: 100 });
      const others = [invitationOf("third", { dueAtMs: 300 }), invitationOf("fourth", { dueAtMs: 400 })];
      for (const stored of [stopped, ...others]) await invitations.create(stored);
      const waiting = nextOf(stopped, InvitationState.ACCEPT_SENT);
      await invitations.replace(waiting, 1);
      await invitations.replace(nextOf(waiting, InvitationState.ACCEPTED, 200), 2);

      expect(idsOf(await invitations.due(400, 10))).toEqual(["stopped", "third", "fourth"]);
    });

    it("keeps the timers in order through many changes", async () => {
      const { invitations } = (await openEngine(makeEngine)).engine;
      const dueTimes = Array.from({ length: 60 }, (_, index) => ((index * 37) % 60) + 1);
      for (const dueAtMs of dueTimes) await invitations.create(invitationOf(`i${dueAtMs}`, { dueAtMs }));
      const kept = dueTimes.filter((dueAtMs) => dueAtMs % 3 !== 0).sort((one, other) => one - other);
      for (const dueAtMs of dueTimes) {
        const stored = invitationOf(`i${dueAtMs}`, { dueAtMs });
        if (dueAtMs % 3 === 0) await invitations.replace(nextOf(stored, InvitationState.CANCELED), 1);
      }

      expect(idsOf(await invitations.due(60, 100))).toEqual(kept.map((dueAtMs) => `i${dueAtMs}`));
    });

    it("forgets what ended before a time, the first first, a few at a time, and nothing that lives", async () => {
      const test = await openEngine(makeEngine);
      const { invitations } = test.engine;
      const found = async () => {
        const all = await Promise.all(["live", "i1", "i2", "i3"].map((id) => invitations.find("app", id)));
        return idsOf(all.filter((stored) => stored !== undefined));
      };
      await invitations.create(invitationOf("live"));
      for (const id of ["i1", "i2", "i3"]) {
        await invitations.create(invitationOf(id));
        await test.advance(1000);
        await invitations.replace(nextOf(invitationOf(id), InvitationState.CANCELED, 100), 1);
      }

      expect(await invitations.forgetEnded(test.now(), 1)).toBe(1);
      expect(idsOf(await invitations.due(100, 10))).toEqual(["i2", "i3"]);
      // What was forgotten takes no place any more.
      expect(idsOf(await invitations.due(100, 1))).toEqual(["i2"]);
      expect(await found()).toEqual(["live", "i2", "i3"]);
      expect(await invitations.forgetEnded(test.now(), 10)).toBe(1);
      expect(await found()).toEqual(["live", "i3"]);
      expect(await invitations.forgetEnded(test.now() + 1, 10)).toBe(1);
      expect(await invitations.forgetEnded(test.now() + 1, 10)).toBe(0);
      expect(await invitations.create(invitationOf("i1"))).toBe("created");
    });
  });
}
