import { userOf } from "../journal.js";
import { type CheckerFactory, isHostile } from "./checker.js";

/**
 * A message reaches a user once, and a retry of it counts once. A server that crashed has forgotten which retries it has seen, so
 * each life of it may take the message again. What may be stored comes again to the user's next client where the former one has
 * not acknowledged it; each client tells it once.
 */
export const noDuplicate: CheckerFactory = (report) => {
  const heard = new Map<string, string>();
  /** How often a message to a user was heard, by who must not hear it twice. */
  const hearings = new Map<string, number>();
  let crashes = 0;
  /** The crashes before a message was first sent. */
  const crashesBefore = new Map<string, number>();
  const places = new Map<string, number>();
  const storable = new Set<string>();

  function placeOnce(at: number, who: string, channel: string, message: string, epoch: string, offset: number): void {
    const key = `${channel} ${epoch} ${message}`;
    const known = places.get(key) ?? offset;
    places.set(key, known);
    if (known !== offset)
      report({ at, parties: [who], problem: `${message} has the places ${known} and ${offset} in ${channel}` });
  }

  function hearFromPeer(at: number, who: string, message: string): void {
    const key = `${storable.has(message) ? who : userOf(who)} ${message}`;
    const count = (hearings.get(key) ?? 0) + 1;
    hearings.set(key, count);
    if (count <= 1 + crashes - (crashesBefore.get(message) ?? 0)) return;
    report({ at, parties: [who], problem: `${who} heard ${message}, for the ${count}th time among the user's clients` });
  }

  return {
    take({ at, who, what }) {
      if (what.kind === "crashed") {
        heard.clear();
        crashes += 1;
      }
      if (what.kind === "asked" && what.question.operation === "sendToPeer") {
        const { message, storeIfAway } = what.question;
        if (!crashesBefore.has(message)) crashesBefore.set(message, crashes);
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
