const prefixBytes = 5;

/**
 * Makes a gRPC message of bytes: not compressed, their length, and the bytes. A message that goes to many, one after another,
 * is copied once.
 */
export class Framing {
  private message: Uint8Array | undefined;
  private framed = Buffer.alloc(0);

  /** The result is shared, and must not be changed; nor must the message. */
  frame(message: Uint8Array): Buffer {
    if (message === this.message) return this.framed;
    const framed = Buffer.allocUnsafe(prefixBytes + message.length);
    framed.writeUInt8(0, 0);
    framed.writeUInt32BE(message.length, 1);
    framed.set(message, prefixBytes);
    [this.message, this.framed] = [message, framed];
    return framed;
  }
}
