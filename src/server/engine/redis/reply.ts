import type { Reply } from "./script.js";

// What a script has returned, as what it is known to be. Anything else is a fault of the script.

export function listOf(reply: Reply | undefined): readonly Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new TypeError(`A script returned ${typeof reply}, not a list.`);
}

export function bytesOf(reply: Reply | undefined): Uint8Array {
  const { buffer, byteOffset, length } = bufferOf(reply);
  return new Uint8Array(buffer, byteOffset, length);
}

export function textOf(reply: Reply | undefined): string {
  return bufferOf(reply).toString();
}

/** A number, also one that the script has returned as its digits. */
export function numberOf(reply: Reply | undefined): number {
  return typeof reply === "number" ? reply : Number(textOf(reply));
}

function bufferOf(reply: Reply | undefined): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  throw new TypeError(`A script returned ${typeof reply}, not a text.`);
}
