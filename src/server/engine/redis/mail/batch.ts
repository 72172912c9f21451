const lengthBytes = 4;

/** Many messages as one text of bytes: each behind its length. */
export function encodeBatch(messages: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const message of messages) {
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(message.length);
    parts.push(length, message);
  }
  return Buffer.concat(parts);
}

/** The messages of a batch, which share its memory. */
export function decodeBatch(batch: Uint8Array): Uint8Array[] {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  const messages: Uint8Array[] = [];
  for (let place = 0; place < batch.length; ) {
    const begin = place + lengthBytes;
    place = begin + view.getUint32(place);
    messages.push(batch.subarray(begin, place));
  }
  return messages;
}
