/** The slots of a Redis Cluster. */
export const slots = 16_384;

/** The slot of a Redis Cluster in which a key or a shard channel lies: of its tag, if it has one that is not empty. */
export function slotOf(key: string): number {
  const begin = key.indexOf("{");
  const end = begin < 0 ? -1 : key.indexOf("}", begin + 1);
  return crc16(Buffer.from(end > begin + 1 ? key.slice(begin + 1, end) : key)) % slots;
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}
