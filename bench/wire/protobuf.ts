/** Goes over the fields of a message of which every field is a message. Much cheaper than to decode them. */
export function eachField(bytes: Buffer, visit: (field: number, start: number, end: number) => void): void {
  let at = 0;
  while (at < bytes.length) {
    const field = (bytes[at] ?? 0) >> 3;
    at += 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at] ?? 0;
      at += 1;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    visit(field, at, at + length);
    at += length;
  }
}
