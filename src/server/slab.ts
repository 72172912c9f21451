import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Encoder } from "./encode.js";

/** The memory of a slab, in bytes. */
const slabBytes = 16_384;

/** What the library's writer keeps to itself: where it writes, and how far it has come. */
interface Inside {
  buffer: Uint8Array;
  readonly pos: number;
}

/**
 * Memory for bytes that are soon copied: those that are written one behind the other share it, so whoever keeps some of them copies them. An
 * array of their own costs more than their encoding, since V8 has those of more than 64 bytes outside its heap. Bytes that live for
 * different times belong into different slabs, since the last that are kept keep all of it.
 */
export class Slab {
  /** The writer behind whose last bytes the next ones go. */
  private writer: BinaryWriter | undefined;

  /** The bytes that a task writes. */
  written(task: (writer: BinaryWriter) => void): Uint8Array {
    const writer = this.writer ?? newWriter();
    const inside = writer as unknown as Inside;
    const begin = inside.pos;
    // One whose task fails has half a message in it.
    this.writer = undefined;
    task(writer);
    const { buffer, pos: end } = inside;
    // The library takes more memory for what does not fit.
    if (buffer.length > slabBytes) return buffer.slice(begin, end);
    if (end < slabBytes / 2) this.writer = writer;
    return buffer.subarray(begin, end);
  }

  /** A message of a type as bytes. */
  encode<T>(type: Encoder<T>, message: T): Uint8Array {
    return this.written((writer) => type.encode(message, writer));
  }
}

function newWriter(): BinaryWriter {
  const writer = new BinaryWriter();
  (writer as unknown as Inside).buffer = new Uint8Array(slabBytes);
  return writer;
}
