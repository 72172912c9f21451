// What every message of a benchmark carries: text that JSON does not change, so that all systems carry the same.
const marker = "~bench~";
const numberDigits = 8;
const timeDigits = 13;
const markerBytes = Buffer.from(marker);

/** The length of the shortest message. */
export const minStampBytes = marker.length + numberDigits + timeDigits;

/** A message: its number among those of its sender, the time at which it was due, and filling up to a length in bytes. */
export function stampedText(number: number, dueMicros: number, bytes: number): string {
  const stamp = marker + hex(number, numberDigits) + hex(Math.round(dueMicros), timeDigits);
  return stamp.padEnd(bytes, "x");
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

/**
 * Finds the stamp in what a system delivers, whatever stands around it. It looks where the last one stood first, so that
 * reading costs the same for every system.
 */
export class StampReader {
  /** The number of the message that was read last. */
  number = 0;
  /** The time in microseconds at which it was due. */
  dueMicros = 0;
  private distance = 0;

  /** Reads the stamp between two offsets. False if there is none: what was delivered is no message of a benchmark. */
  read(buffer: Buffer, start: number, end: number): boolean {
    let at = start + this.distance;
    if (!isMarker(buffer, at, end)) {
      at = buffer.subarray(start, end).indexOf(markerBytes) + start;
      if (at < start) return false;
      this.distance = at - start;
    }
    const numberStart = at + marker.length;
    const timeStart = numberStart + numberDigits;
    this.number = parseHex(buffer, numberStart, timeStart);
    this.dueMicros = parseHex(buffer, timeStart, timeStart + timeDigits);
    return true;
  }
}

function isMarker(buffer: Buffer, at: number, end: number): boolean {
  if (at + minStampBytes > end) return false;
  for (let i = 0; i < markerBytes.length; i += 1) if (buffer[at + i] !== markerBytes[i]) return false;
  return true;
}

function parseHex(buffer: Buffer, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i += 1) {
    const code = buffer[i] ?? 0;
    value = value * 16 + (code < 0x3a ? code - 0x30 : code - 0x57);
  }
  return value;
}
