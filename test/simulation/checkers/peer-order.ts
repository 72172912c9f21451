import { userOf } from "../journal.js";
import { type CheckerFactory, isHostile } from "./checker.js";
import { Moves } from "./moves.js";

interface Attempts {
  readonly sender: string;
  readonly to: string;
  /** The places of the first and the last try among all sends of the client. */
  readonly first: number;
  last: number;
}

/**
 * Messages of one client to one user arrive in the order sent. A message whose every try came before every try of another must
 * be heard before it. A crash forgets what was sent, and clients send it again: the order is that of one life of the server. What is
 * open when its sender moves to another node may come late: it is sent again there, or stored by a node that stood still.
 */
export const peerOrder: CheckerFactory = (report) => {
  const attempts = new Map<string, Attempts>();
  /** By sender and hearing client: the message heard so far whose first try is the latest. */
  const latest = new Map<string, { readonly message: string; readonly first: number }>();
  const moves = new Moves();
  let asked = 0;
  return {
    take(entry) {
      const { at, who, what } = entry;
      for (const message of moves.take(entry)) {
        const attempt = attempts.get(message);
        if (attempt !== undefined) attempt.last = Number.POSITIVE_INFINITY;
      }
      if (what.kind === "crashed") latest.clear();
      if (what.kind === "asked" && what.question.operation === "sendToPeer") {
        asked += 1;
        const { message, to } = what.question;
        const known = attempts.get(message);
        if (known === undefined) attempts.set(message, { sender: who, to, first: asked, last: asked });
        else known.last = asked;
      }
      if (what.kind !== "peerMessage" || isHostile(what.sender)) return;
      const sent = attempts.get(what.message);
      if (sent === undefined || sent.to !== userOf(who)) {
        report({ at, parties: [who], problem: `${who} heard ${what.message}, which nobody sent to it` });
        return;
      }
      const key = `${sent.sender}>${who}`;
      const before = latest.get(key);
      if (before !== undefined && sent.last < before.first) {
        const problem = `${who} heard ${what.message} after ${before.message}, which was sent later`;
        report({ at, parties: [sent.sender, who], problem });
      }
      if (before === undefined || sent.first > before.first) latest.set(key, { message: what.message, first: sent.first });
    },
    end() {},
  };
};
