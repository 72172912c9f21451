import { LeaveReason, MembershipState } from "../../../gen/aldis/v1/channel.js";
import type { Entry } from "../journal.js";
import { type Checker, isHostile, type Report } from "./checker.js";
import type { Silences } from "./silences.js";

/** How long ago what is heard now may have been told: a notice waits in a queue while its reader is away, in milliseconds. */
const longestWayMs = 160_000;

/** Watches what members of a channel are told of each other: joins and leaves alternate, and nobody is lost who was there. */
export function watchNotices(report: Report, silences: Silences): Checker {
  /** The latest notice by hearing client, channel and user. */
  const notices = new Map<string, "joined" | "left">();

  /** Then all sessions end. */
  let dataLostAt = Number.NEGATIVE_INFINITY;

  function takeNotice({ at, who }: Entry, channel: string, user: string, notice: "joined" | "left"): void {
    const key = `${who} ${channel} ${user}`;
    if (notices.get(key) === notice) {
      report({ at, parties: [who], problem: `${who} was told twice in a row that ${user} has ${notice} ${channel}` });
    }
    notices.set(key, notice);
  }

  function checkLost({ at, who }: Entry, channel: string, user: string): void {
    if (isHostile(user) || at - dataLostAt < longestWayMs || silences.anyWithin(user, at - longestWayMs, at)) return;
    const problem = `${who} was told that ${user} is lost to ${channel}, and it was never silent for 30 s`;
    report({ at, parties: [who, user], problem });
  }

  function forget(who: string, channel: string): void {
    for (const key of notices.keys()) if (key.startsWith(`${who} ${channel} `)) notices.delete(key);
  }

  return {
    take(entry) {
      const { at, who, what } = entry;
      if (what.kind === "memberJoined") takeNotice(entry, what.channel, what.user, "joined");
      else if (what.kind === "memberLeft") {
        takeNotice(entry, what.channel, what.user, "left");
        if (what.reason === LeaveReason.CONNECTION_LOST) checkLost(entry, what.channel, what.user);
      } else if (what.kind === "dataLost") dataLostAt = at;
      else if (what.kind === "membersChanged") forget(who, what.channel);
      else if (what.kind === "membership" && what.state !== MembershipState.JOINED) forget(who, what.channel);
    },
    end() {},
  };
}
