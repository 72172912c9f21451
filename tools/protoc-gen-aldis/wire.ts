import type { Schema } from "@bufbuild/protoplugin";
import { newTable } from "./options.js";

/** wire.ts: decoding that never throws and takes no ill-formed text. */
export function generateWire(schema: Schema): void {
  const file = newTable(schema, "wire", "Decoding of bytes from outside: it never throws, and takes no ill-formed UTF-8.");
  file.print(`import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { MessageFns } from "../stream.js";

// ignoreBOM keeps a leading U+FEFF, which would otherwise make two byte strings the same text.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const decodeText = (bytes: Uint8Array): string => strict.decode(bytes);

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Decodes a message from bytes that may be anything. \`problem\` is a sentence for people, without any of the bytes. */
export function decodeStrict<T>(type: MessageFns<T>, bytes: Uint8Array): Decoded<T> {
  try {
    const reader = new BinaryReader(bytes, decodeText);
    const value = type.decode(reader);
    if (reader.pos !== bytes.length) return { ok: false, problem: "the message ends inside a field" };
    return { ok: true, value };
  } catch (thrown) {
    return { ok: false, problem: problemOf(thrown) };
  }
}

function problemOf(thrown: unknown): string {
  if (thrown instanceof TypeError) return "a text is not well-formed UTF-8";
  if (thrown instanceof RangeError) return "the message ends inside a field";
  const text = thrown instanceof Error ? thrown.message : "";
  if (text.includes("recursion limit")) return "the message is nested too deeply";
  if (text.includes("MAX_SAFE_INTEGER") || text.includes("MIN_SAFE_INTEGER")) return "a number is outside the safe range";
  return "the bytes are not a message of the protocol";
}`);
}
