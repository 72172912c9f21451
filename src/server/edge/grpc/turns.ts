import type { Readable } from "node:stream";
import type { Clock } from "../../runtime.js";

/** The messages of one stream after which everybody else has a turn: about a millisecond's worth. */
const turnMessages = 32;

/** The same in bytes, for messages that are large. */
const turnBytes = 64 * 1024;

/**
 * Hands over the messages of a stream, in order. After some of them the stream pauses until the event loop has looked at all others:
 * a client that sends a thousand messages at once does not keep them waiting, and flow control holds it back.
 */
export function takeInTurns(
  stream: Pick<Readable, "on" | "pause" | "resume">,
  clock: Clock,
  take: (message: Buffer) => void,
): void {
  let [messages, bytes] = [0, 0];
  stream.on("data", (message: Buffer) => {
    messages += 1;
    bytes += message.length;
    if (messages >= turnMessages || bytes >= turnBytes) {
      [messages, bytes] = [0, 0];
      stream.pause();
      clock.soon(() => stream.resume());
    }
    take(message);
  });
}
