import { ConnectionReason, ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { userOf } from "../journal.js";
import type { CheckerFactory } from "./checker.js";
import { Nodes } from "./nodes.js";

/**
 * How long a client may believe in a session that a newer login has ended: 10 s in which its welcome may be under way, 12 s of
 * silence after which it gives up a dead link, and the way of the last frames.
 */
const boundMs = 25_000;

interface Login {
  /** When the client was told of its session, if that is later than all others of its user. */
  begunAt: number;
  connected: boolean;
}

/**
 * One live session per user: the newest login wins, and the clients before it are told within a bound. A node that is cut off
 * from the engine cannot know of a login elsewhere; then the bound counts from the end of that.
 */
export const oneSession: CheckerFactory = (report) => {
  const nodes = new Nodes();
  const logins = new Map<string, Login>();
  const loginsAsked = new Set<string>();
  /** When a client last gave a login up: what it has sent may arrive behind its next login, on a faster link. */
  const givenUpAt = new Map<string, number>();

  function rivalsOf(who: string): [string, Login][] {
    return [...logins].filter(([name]) => name !== who && userOf(name) === userOf(who));
  }

  function checkBound(at: number, who: string, login: Login): void {
    if (!login.connected) return;
    for (const [rival, { begunAt, connected }] of rivalsOf(who)) {
      if (connected && begunAt > login.begunAt && at - begunAt > boundMs && canHear(who, at)) {
        report({ at, parties: [who, rival], problem: `${who} is connected long after the newer login of ${rival}` });
        // Once is enough.
        login.begunAt = at;
      }
    }
  }

  /** True if the client's node could hear of a newer login, and its client of the end, for as long as that may take. */
  function canHear(who: string, at: number): boolean {
    const node = nodes.nodeOf(who);
    return node === undefined || !nodes.wasUnwell(node, at - boundMs, at);
  }

  return {
    take(entry) {
      const { at, who, what } = entry;
      nodes.take(entry);
      if (what.kind === "asked" && what.question.operation === "login") loginsAsked.add(who);
      else if (what.kind === "failed" && what.question.operation === "login") givenUpAt.set(who, at);
      else if (what.kind === "session") {
        const login = logins.get(who) ?? { begunAt: at, connected: true };
        if (what.start !== SessionStart.RESUMED) login.begunAt = at;
        logins.set(who, login);
      } else if (what.kind === "state") {
        const login = logins.get(who);
        if (login === undefined) return;
        login.connected = what.state === ConnectionState.CONNECTED;
        if (what.state !== ConnectionState.ABORTED || what.reason !== ConnectionReason.REMOTE_LOGIN) return;
        const made = [...loginsAsked].some((name) => name !== who && userOf(name) === userOf(who));
        const late = at - (givenUpAt.get(who) ?? Number.NEGATIVE_INFINITY) < boundMs;
        if (!made && !late) report({ at, parties: [who], problem: `${who} was told of a login that nobody made` });
      } else if (what.kind === "measured") {
        for (const [name, login] of logins) checkBound(at, name, login);
      } else if (what.kind === "quiet") {
        for (const [name, login] of logins) {
          for (const [rival, other] of rivalsOf(name)) {
            if (!login.connected || !other.connected || name > rival) continue;
            report({ at, parties: [name, rival], problem: `${name} and ${rival} are both connected for good` });
          }
        }
      }
    },
    end() {},
  };
};
