import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { type Entry, userOf } from "../journal.js";
import { type Checker, isHostile, isOver, type Report } from "./checker.js";
import type { Silences } from "./silences.js";

/** A user of whom the server has heard nothing for so long is offline for everybody, in milliseconds. */
const offlineAfterMs = 33_000;

/** After this silence a node shows a user offline, and a node whose lease was not renewed falls, in milliseconds. */
const presenceGraceMs = 30_000;

/** How long a client may believe in a session that is over, in milliseconds. */
const beliefMs = 30_000;

/** Somebody was told that a user is offline, of whom a client believes that it is online. */
interface Doubt {
  readonly at: number;
  readonly who: string;
  readonly user: string;
  readonly client: string;
}

/** Watches who is said to be there or offline in answers. */
export function watchAnswers(report: Report, silences: Silences): Checker {
  /** When the client's present session began, as far as it knows. */
  const sessions = new Map<string, number>();
  const askedAt = new Map<string, number>();
  let doubts: Doubt[] = [];

  function endSession(who: string, at: number): void {
    sessions.delete(who);
    doubts = doubts.filter((doubt) => userOf(doubt.client) !== userOf(who) || at - doubt.at > beliefMs);
  }

  /** Somebody was told that a user is there. */
  function checkThere({ at, who }: Entry, asked: number, user: string): void {
    const vanishedAt = silences.nodes.vanishedAt(user, asked, presenceGraceMs);
    if (isHostile(user) || vanishedAt === undefined || asked - vanishedAt < offlineAfterMs) return;
    const problem = `${who} was told that ${user} is there, ${Math.round(asked - vanishedAt)} ms after its last sign of life`;
    report({ at, parties: [who, user], problem });
  }

  /** Somebody was told that a user is offline. If its client's session goes on long enough, that was wrong. */
  function noteOffline({ at, who }: Entry, asked: number, user: string): void {
    const own = [...sessions].filter(([client]) => userOf(client) === user);
    const [only] = own;
    if (only === undefined || own.length > 1) return;
    const [client, begunAt] = only;
    if (begunAt > asked - beliefMs || silences.anyWithin(user, asked - 5_000, at)) return;
    doubts.push({ at, who, user, client });
  }

  function takeAnswer(entry: Entry): void {
    const { at, who, what } = entry;
    if (what.kind !== "answered") return;
    const asked = askedAt.get(`${who} ${what.call}`) ?? at;
    for (const user of what.answer.members ?? []) checkThere(entry, asked, user);
    for (const { userId, state } of what.answer.presences ?? []) {
      if (state === PresenceState.OFFLINE) noteOffline(entry, asked, userId);
      else checkThere(entry, asked, userId);
    }
  }

  return {
    take(entry) {
      const { at, who, what } = entry;
      if (what.kind === "asked") askedAt.set(`${who} ${what.call}`, at);
      else if (what.kind === "answered") takeAnswer(entry);
      else if (what.kind === "session" && what.start !== SessionStart.RESUMED) {
        endSession(who, at);
        sessions.set(who, at);
      } else if (what.kind === "state" && isOver(what.state)) endSession(who, at);
      else if (what.kind === "crashed") for (const client of silences.nodes.clientsOf(who)) endSession(client, at);
      else if (what.kind === "dataLost") for (const client of [...sessions.keys()]) endSession(client, at);
    },
    end() {
      for (const { at, who, user, client } of doubts) {
        const problem = `${who} was told that ${user} is offline, and ${client} was there all the time`;
        report({ at, parties: [who, client], problem });
      }
    },
  };
}
