import { crc32 } from "node:zlib";

/** Thrown when stored bytes are not those that were stored: the disk or the file is damaged. */
export class DamagedRecord extends Error {
  constructor(what: string) {
    super(`a stored ${what} does not match its checksum`);
  }
}

/** A CRC-32 over the parts of a record in their order. It finds damage, and is no protection against people. */
export function checksumOf(payload: Uint8Array, ...fields: readonly (string | number)[]): number {
  return crc32(JSON.stringify(fields), crc32(payload));
}
