import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** A writer that has grown beyond this many bytes is not kept. */
const keptBytes = 65_536;

/** The writer that is used again: a new one grows step by step, and each step costs as much as the rest of a small message. */
let kept: BinaryWriter | undefined;

/** The bytes that a task writes. */
export function written(task: (writer: BinaryWriter) => void): Uint8Array {
  const writer = kept ?? new BinaryWriter();
  // One whose task fails has half a message in it.
  kept = undefined;
  task(writer);
  const bytes = writer.finish();
  if (bytes.length <= keptBytes) kept = writer;
  return bytes;
}

interface Encoder<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
}

/** A message of a type as bytes. */
export function encode<T>(type: Encoder<T>, message: T): Uint8Array {
  return written((writer) => type.encode(message, writer));
}

/** So much memory is shared by bytes that are soon copied. */
const sharedBytes = 16_384;

/** What the library's writer keeps to itself: where it writes, and how far it has come. */
interface Inside {
  buffer: Uint8Array;
  readonly pos: number;
}

/** The writer behind whose last bytes the next ones go. */
let shared: BinaryWriter | undefined;

/**
 * The bytes that a task writes, if they are soon copied: they share memory with those before and behind them, so whoever keeps them copies
 * them. An array of their own costs more than their encoding, since V8 has those of more than 64 bytes outside its heap.
 */
export function writtenBriefly(task: (writer: BinaryWriter) => void): Uint8Array {
  const writer = shared ?? sharingWriter();
  const inside = writer as unknown as Inside;
  const begin = inside.pos;
  shared = undefined;
  task(writer);
  const { buffer, pos: end } = inside;
  // The library takes more memory for what does not fit.
  if (buffer.length > sharedBytes) return buffer.slice(begin, end);
  if (end < sharedBytes / 2) shared = writer;
  return buffer.subarray(begin, end);
}

/** The same for a message of a type. */
export function encodeBriefly<T>(type: Encoder<T>, message: T): Uint8Array {
  return writtenBriefly((writer) => type.encode(message, writer));
}

function sharingWriter(): BinaryWriter {
  const writer = new BinaryWriter();
  (writer as unknown as Inside).buffer = new Uint8Array(sharedBytes);
  return writer;
}
