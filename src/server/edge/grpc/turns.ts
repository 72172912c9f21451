import type { Readable } from "node:stream";
import type { Clock } from "../../runtime.js";
import type { MessageReader } from "./message-reader.js";

/** The messages of one stream after which everybody else has a turn: about a millisecond's worth. */
const turnMessages = 32;

/** The same in bytes, for messages that are large. */
const turnBytes = 64 * 1024;

export interface MessageTaker {
  take(message: Buffer): void;
  /** The stream has ended, and all its messages have been taken. */
  ended(): void;
}

/**
 * Hands over the messages of a stream, in order. After some of them the stream pauses until the event loop has looked at all others:
 * a client that sends a thousand messages at once does not keep them waiting, and flow control holds it back.
 */
export function takeInTurns(
  stream: Pick<Readable, "on" | "pause" | "resume">,
  reader: Pick<MessageReader, "add" | "next">,
  clock: Clock,
  taker: MessageTaker,
): void {
  let [messages, bytes] = [0, 0];
  let [pausing, over] = [false, false];
  const work = () => {
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      messages += 1;
      bytes += message.length;
      taker.take(message);
      if (messages >= turnMessages || bytes >= turnBytes) return pause();
    }
    // Node tells the end of a stream that pauses, too.
    if (over) taker.ended();
  };
  const pause = () => {
    [messages, bytes] = [0, 0];
    pausing = true;
    stream.pause();
    clock.soon(() => {
      pausing = false;
      work();
      if (!pausing) stream.resume();
    });
  };
  stream.on("data", (chunk: Buffer) => {
    reader.add(chunk);
    if (!pausing) work();
  });
  stream.on("end", () => {
    over = true;
    if (!pausing) work();
  });
  stream.resume();
}
