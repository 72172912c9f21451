import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { type Entry, type Happening, isClient, userOf } from "../journal.js";
import { type Checker, isHostile, type Report } from "./checker.js";

type Beliefs = Extract<Happening, { readonly kind: "believes" }>;

/**
 * Watches that when all is quiet, the server knows who is there, and in which channels, and that subscribers know how users are.
 */
export function watchBeliefs(report: Report): Checker {
  const believed: { readonly who: string; readonly beliefs: Beliefs }[] = [];

  function compare(at: number, told: ReadonlyMap<string, string>, known: ReadonlyMap<string, string>, what: string): void {
    for (const name of new Set([...told.keys(), ...known.keys()])) {
      if (told.get(name) === known.get(name)) continue;
      const problem = `${what} of ${name} is ${told.get(name) ?? "nothing"}, and should be ${known.get(name) ?? "nothing"}`;
      report({ at, parties: [name], problem });
    }
  }

  /** Everybody who has a connected client is online, and nobody else. */
  function checkPresent(at: number, { presences }: Beliefs): void {
    const present = new Set(believed.map(({ who }) => userOf(who)));
    const known = new Map(presences.map(({ userId }) => [userId, present.has(userId) ? "online" : "offline"]));
    const told = presences.map(
      ({ userId, state }) => [userId, state === PresenceState.OFFLINE ? "offline" : "online"] as const,
    );
    compare(at, new Map(told), known, "at rest the presence");
  }

  /** The members of a channel are those who have a client that believes so. */
  function checkMembers(at: number, { members }: Beliefs): void {
    const own = believed.flatMap(({ beliefs }) => beliefs.members);
    const told = new Map(members.map(({ channel, users }) => [channel, textOf(users.filter((user) => !isHostile(user)))]));
    const known = new Map(
      members.map(({ channel }) => [
        channel,
        textOf(own.filter((its) => its.channel === channel).flatMap(({ users }) => users)),
      ]),
    );
    compare(at, told, known, "at rest the list of members");
  }

  function checkSubscribers(at: number, truth: Beliefs): void {
    const states = new Map(truth.presences.map(({ userId, state }) => [userId, state]));
    for (const { who, beliefs } of believed) {
      for (const { userId, state } of beliefs.presences) {
        if (states.get(userId) === state) continue;
        const problem = `${who} believes that the presence of ${userId} is ${state}, and it is ${states.get(userId)}`;
        report({ at, parties: [who, userId], problem });
      }
    }
  }

  return {
    take({ at, who, what }: Entry) {
      if (what.kind !== "believes") return;
      if (isClient(who)) {
        believed.push({ who, beliefs: what });
        return;
      }
      checkPresent(at, what);
      checkMembers(at, what);
      checkSubscribers(at, what);
    },
    end() {},
  };
}

function textOf(users: readonly string[]): string {
  return [...users].sort().join(" ") || "empty";
}
