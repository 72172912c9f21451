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
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(size, 1);
  return Buffer.concat([prefix, ...pieces], prefixBytes + size);
}
