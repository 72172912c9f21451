import type { PlacedMessage } from "../journal.js";
import type { CheckerFactory } from "./checker.js";

/** All members see a channel's messages in one order, that of their offsets, and a place holds one message for everybody. */
export const channelOrder: CheckerFactory = (report) => {
  const places = new Map<string, { readonly message: string; readonly toldTo: string }>();
  const reached = new Map<string, number>();

  function place(at: number, who: string, channel: string, { epoch, offset, message }: Omit<PlacedMessage, "sender">): void {
    const key = `${channel} ${epoch} ${offset}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, { message, toldTo: who });
    else if (known.message !== message) {
      const problem = `place ${offset} of ${channel} is ${message} for ${who} and ${known.message} for ${known.toldTo}`;
      report({ at, parties: [who, known.toldTo], problem });
    }
  }

  return {
    take({ at, who, what }) {
      if (what.kind === "channelMessage") {
        const { channel, epoch, offset, message } = what;
        place(at, who, channel, what);
        const key = `${who} ${channel} ${epoch}`;
        const before = reached.get(key) ?? 0;
        if (offset <= before) {
          report({
            at,
            parties: [who],
            problem: `${who} heard ${message} at place ${offset} of ${channel} behind place ${before}`,
          });
        }
        reached.set(key, Math.max(before, offset));
      } else if (
        what.kind === "answered" &&
        what.question.operation === "sendToChannel" &&
        what.answer.position !== undefined
      ) {
        place(at, who, what.question.channel, { ...what.answer.position, message: what.question.message });
      } else if (what.kind === "answered" && what.question.operation === "history") {
        for (const message of what.answer.messages ?? []) place(at, who, what.question.channel, message);
      }
    },
    end() {},
  };
};
