import { LeaveReason, MembershipState } from "../../../gen/aldis/v1/channel.js";
import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { type Entry, userOf } from "../journal.js";
import { type CheckerFactory, isHostile } from "./checker.js";
import { Silences } from "./silences.js";

/** A user of whom the server has heard nothing for so long is offline for everybody, in milliseconds. */
const offlineAfterMs = 33_000;

/** A silence that is shorter shows nobody anything, in milliseconds. */
const graceMs = 30_000;

/** How long ago what is heard now may have been told: a notice waits in a queue while its reader is away, in milliseconds. */
const longestWayMs = 160_000;

/** How long a client may believe in a session that is over, in milliseconds. */
const beliefMs = 30_000;

interface Doubt {
  readonly at: number;
  readonly who: string;
  readonly user: string;
  /** The client of the user that should be online, and when its session began. */
  readonly client: string;
  readonly begunAt: number;
}

/** A vanished user is offline within 33 s; a break shorter than 30 s shows nobody a leave and a join. */
export const presenceBound: CheckerFactory = (report) => {
  const silences = new Silences(graceMs - 1_000);
  /** When the client's present session began, as far as it knows. */
  const sessions = new Map<string, number>();
  const askedAt = new Map<string, number>();
  /** The latest notice by hearing client, channel and user. */
  const notices = new Map<string, "joined" | "left">();
  let doubts: Doubt[] = [];

  function endSession(who: string, at: number): void {
    sessions.delete(who);
    doubts = doubts.filter((doubt) => userOf(doubt.client) !== userOf(who) || at - doubt.at > beliefMs);
  }

  /** Somebody was told that a user is there. */
  function checkThere(entry: Entry, asked: number, user: string): void {
    if (isHostile(user) || asked - silences.lastHeard(user) < offlineAfterMs) return;
    const problem = `${entry.who} was told that ${user} is there, ${Math.round(asked - silences.lastHeard(user))} ms after its last sign of life`;
    report({ at: entry.at, parties: [entry.who, user], problem });
  }

  /** Somebody was told that a user is offline. If its client's session goes on long enough, that was wrong. */
  function noteOffline({ at, who }: Entry, asked: number, user: string): void {
    const own = [...sessions].filter(([client]) => userOf(client) === user);
    const [only] = own;
    if (only === undefined || own.length > 1 || only[1] > asked - beliefMs) return;
    if (silences.anyWithin(user, asked - 5_000, at)) return;
    doubts.push({ at, who, user, client: only[0], begunAt: only[1] });
  }

  function takeAnswer(entry: Entry): void {
    const { who, what } = entry;
    if (what.kind !== "answered") return;
    const asked = askedAt.get(`${who} ${what.call}`) ?? entry.at;
    for (const user of what.answer.members ?? []) checkThere(entry, asked, user);
    for (const { userId, state } of what.answer.presences ?? []) {
      if (state === PresenceState.OFFLINE) noteOffline(entry, asked, userId);
      else checkThere(entry, asked, userId);
    }
  }

  function takeNotice(
    { at, who }: Entry,
    channel: string,
    user: string,
    notice: "joined" | "left",
    reason?: LeaveReason,
  ): void {
    const key = `${who} ${channel} ${user}`;
    if (notices.get(key) === notice) {
      report({ at, parties: [who], problem: `${who} was told twice in a row that ${user} has ${notice} ${channel}` });
    }
    notices.set(key, notice);
    if (reason === LeaveReason.CONNECTION_LOST && !isHostile(user) && !silences.anyWithin(user, at - longestWayMs, at)) {
      report({
        at,
        parties: [who, user],
        problem: `${who} was told that ${user} is lost to ${channel}, and it was never silent for 30 s`,
      });
    }
  }

  function forgetNotices(who: string, channel: string): void {
    for (const key of notices.keys()) if (key.startsWith(`${who} ${channel} `)) notices.delete(key);
  }

  return {
    take(entry) {
      silences.take(entry);
      const { at, who, what } = entry;
      if (what.kind === "asked") askedAt.set(`${who} ${what.call}`, at);
      else if (what.kind === "answered") takeAnswer(entry);
      else if (what.kind === "memberJoined") takeNotice(entry, what.channel, what.user, "joined");
      else if (what.kind === "memberLeft") takeNotice(entry, what.channel, what.user, "left", what.reason);
      else if (what.kind === "membersChanged") forgetNotices(who, what.channel);
      else if (what.kind === "membership" && what.state !== MembershipState.JOINED) forgetNotices(who, what.channel);
      else if (what.kind === "session" && what.start !== SessionStart.RESUMED) {
        endSession(who, at);
        sessions.set(who, at);
      } else if (
        what.kind === "state" &&
        (what.state === ConnectionState.ABORTED || what.state === ConnectionState.DISCONNECTED)
      ) {
        endSession(who, at);
      } else if (what.kind === "crashed") for (const client of [...sessions.keys()]) endSession(client, at);
    },
    end() {
      for (const { at, who, user, client } of doubts) {
        report({
          at,
          parties: [who, client],
          problem: `${who} was told that ${user} is offline, and ${client} was there all the time`,
        });
      }
    },
  };
};
