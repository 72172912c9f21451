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

/** What writes messages of a type. */
export interface Encoder<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
}

/** A message of a type as bytes. */
export function encode<T>(type: Encoder<T>, message: T): Uint8Array {
  return written((writer) => type.encode(message, writer));
}
