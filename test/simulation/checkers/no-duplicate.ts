import { userOf } from "../journal.js";
import { type CheckerFactory, isHostile } from "./checker.js";
import { Moves } from "./moves.js";

/**
 * A message reaches a user once, and a retry of it counts once. A server that crashed has forgotten which retries it has seen, so
 * each life of it may take the message again; and so may each further node to which its sender moves. What may be stored comes again to the user's next client where the former one has
 * not acknowledged it; each client tells it once.
 */
export const noDuplicate: CheckerFactory = (report) => {
  const heard = new Map<string, string>();
  /** How often a message to a user was heard, by who must not hear it twice. */
  const hearings = new Map<string, number>();
  const moves = new Moves();
  let crashes = 0;
  /** The sender of a message, and what had been forgotten before it was first sent. */
  const firstTries = new Map<string, { readonly sender: string; readonly forgotten: number }>();
  const places = new Map<string, number>();
  const storable = new Set<string>();

  function placeOnce(at: number, who: string, channel: string, message: string, epoch: string, offset: number): void {
    const key = `${channel} ${epoch} ${message}`;
    const known = places.get(key) ?? offset;
    places.set(key, known);
    if (known !== offset)
      report({ at, parties: [who], problem: `${message} has the places ${known} and ${offset} in ${channel}` });
  }

  /** How often a retry of a client may have come to a node that did not know of the first try. */
  const forgottenOf = (sender: string) => crashes + moves.countOf(sender);

  function hearFromPeer(at: number, who: string, message: string): void {
    const key = `${storable.has(message) ? who : userOf(who)} ${message}`;
    const count = (hearings.get(key) ?? 0) + 1;
    hearings.set(key, count);
    const first = firstTries.get(message);
    if (first !== undefined && count <= 1 + forgottenOf(first.sender) - first.forgotten) return;
    report({ at, parties: [who], problem: `${who} heard ${message}, for the ${count}th time among the user's clients` });
  }

  return {
    take(entry) {
      const { at, who, what } = entry;
      moves.take(entry);
      if (what.kind === "crashed") {
        heard.clear();
        crashes += 1;
      }
      if (what.kind === "asked" && what.question.operation === "sendToPeer") {
        const { message, storeIfAway } = what.question;
        if (!firstTries.has(message)) firstTries.set(message, { sender: who, forgotten: forgottenOf(who) });
        if (storeIfAway) storable.add(message);
      }
      if (what.kind === "peerMessage" && !isHostile(what.sender)) hearFromPeer(at, who, what.message);
      if (what.kind === "channelMessage" && !isHostile(what.sender)) {
        placeOnce(at, who, what.channel, what.message, what.epoch, what.offset);
        const key = `${who} ${what.channel} ${what.epoch} ${what.message}`;
        if (heard.has(key)) report({ at, parties: [who], problem: `${who} heard ${what.message} twice` });
        heard.set(key, who);
      }
      if (what.kind === "answered" && what.question.operation === "sendToChannel" && what.answer.position !== undefined) {
        const { epoch, offset } = what.answer.position;
        placeOnce(at, who, what.question.channel, what.question.message, epoch, offset);
      }
    },
    end() {},
  };
};
