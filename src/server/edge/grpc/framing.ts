import type { Frame } from "../../session/frame.js";

const prefixBytes = 5;

/**
 * Makes a gRPC message of a frame: not compressed, its length, and its bytes. A frame that goes to many, one after another, is copied
 * once.
 */
export class Framing {
  private frame: Frame | undefined;
  private message: Buffer = Buffer.alloc(0);

  /** The result is shared, and must not be changed. */
  messageOf(frame: Frame): Buffer {
    if (frame !== this.frame) [this.frame, this.message] = [frame, framed(frame)];
    return this.message;
  }
}

function framed({ pieces, size }: Frame): Buffer {
  const message = Buffer.allocUnsafe(prefixBytes + size);
  message.writeUInt8(0, 0);
  message.writeUInt32BE(size, 1);
  let end = prefixBytes;
  for (const piece of pieces) {
    message.set(piece, end);
    end += piece.length;
  }
  return message;
}
