import type { Frame } from "../../session/frame.js";

const prefixBytes = 5;

/** Makes a gRPC message of a frame: not compressed, its length, and its bytes. A frame that goes to many is copied once. */
export class Framing {
  private readonly messages = new WeakMap<Frame, Buffer>();

  /** The result is shared, and must not be changed. */
  messageOf(frame: Frame): Buffer {
    const known = this.messages.get(frame);
    if (known !== undefined) return known;
    const message = framed(frame);
    this.messages.set(frame, message);
    return message;
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
