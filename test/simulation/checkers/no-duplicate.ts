import { userOf } from "../journal.js";
import { type CheckerFactory, isHostile } from "./checker.js";

/**
 * A message reaches a user once, and a retry of it counts once. A server that crashed has forgotten what it has seen, so each
 * life of it may deliver the message again. What may be stored comes again to the user's next client where the former one has
 * not acknowledged it; each client tells it once.
 */
export const noDuplicate: CheckerFactory = (report) => {
  const heard = new Map<string, string>();
  const places = new Map<string, number>();
  const storable = new Set<string>();

  function placeOnce(at: number, who: string, channel: string, message: string, epoch: string, offset: number): void {
    const key = `${channel} ${epoch} ${message}`;
    const known = places.get(key) ?? offset;
    places.set(key, known);
    if (known !== offset)
      report({ at, parties: [who], problem: `${message} has the places ${known} and ${offset} in ${channel}` });
  }

  return {
    take({ at, who, what }) {
      if (what.kind === "crashed") heard.clear();
      if (what.kind === "asked" && what.question.operation === "sendToPeer" && what.question.storeIfAway) {
        storable.add(what.question.message);
      }
      if (what.kind === "peerMessage" && !isHostile(what.sender)) {
        const key = `${storable.has(what.message) ? who : userOf(who)} ${what.message}`;
        const before = heard.get(key);
        if (before !== undefined) {
          report({ at, parties: [who, before], problem: `${who} heard ${what.message}, which ${before} had heard` });
        }
        heard.set(key, who);
      }
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
