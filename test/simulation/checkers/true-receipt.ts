import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { userOf } from "../journal.js";
import type { CheckerFactory } from "./checker.js";

/**
 * `DELIVERED` is said only when an application of the receiver has heard the message, and `PEER_UNREACHABLE` only if nobody has
 * or ever will. `STORED` is said only where the sender wanted it. A client may have asked twice: then the last answer of one life of the server is not the whole truth.
 */
export const trueReceipt: CheckerFactory = (report) => {
  const heard = new Set<string>();
  const asked = new Map<string, number>();
  const unreachable = new Map<string, string>();
  let lives = 0;
  const livesAsked = new Map<string, number>();
  return {
    take({ at, who, what }) {
      if (what.kind === "crashed") lives += 1;
      if (what.kind === "peerMessage") {
        heard.add(`${userOf(who)} ${what.message}`);
        const sender = unreachable.get(what.message);
        if (sender !== undefined) {
          report({
            at,
            parties: [who, sender],
            problem: `${who} heard ${what.message}, which was said to have reached nobody`,
          });
        }
      }
      if (what.kind === "asked" && what.question.operation === "sendToPeer") {
        const { message } = what.question;
        asked.set(message, (asked.get(message) ?? 0) + 1);
        livesAsked.set(message, lives);
        unreachable.delete(message);
      }
      if (what.kind === "answered" && what.question.operation === "sendToPeer") {
        const { to, message, storeIfAway } = what.question;
        if (what.answer.outcome === DeliveryOutcome.STORED && !storeIfAway) {
          report({ at, parties: [who], problem: `${message} was stored, which nobody wanted` });
        }
        if (what.answer.outcome === DeliveryOutcome.DELIVERED && !heard.has(`${to} ${message}`)) {
          report({ at, parties: [who, to], problem: `${message} was said to be delivered, and ${to} had not heard it` });
        }
      }
      if (what.kind === "failed" && what.question.operation === "sendToPeer" && what.code === ErrorCode.PEER_UNREACHABLE) {
        const { to, message } = what.question;
        if (asked.get(message) !== 1 || livesAsked.get(message) !== lives) return;
        unreachable.set(message, who);
        if (heard.has(`${to} ${message}`)) {
          report({ at, parties: [who, to], problem: `${message} was said to have reached nobody, and ${to} had heard it` });
        }
      }
    },
    end() {},
  };
};
