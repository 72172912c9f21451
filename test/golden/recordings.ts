// Reads and adds recordings. A recording is a line in a `.hex` file, `name bytes`, and the message in the `.json` file beside it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { codecOf } from "../property/codec-schema.js";
import type { Sample } from "./samples.js";

const directory = new URL("v1/", import.meta.url);

export interface Recording {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the bytes mean, in the form that `toPlain` gives. */
  readonly meaning: unknown;
}

export function readRecordings(): Recording[] {
  return listFiles().flatMap((file) => {
    const meanings: Record<string, unknown> = JSON.parse(
      readFileSync(new URL(file.replace(/hex$/, "json"), directory), "utf8"),
    );
    const lines = readFileSync(new URL(file, directory), "utf8").trimEnd().split("\n");
    return lines.map((line) => {
      const [name = "", hex = ""] = line.split(" ");
      return { name, bytes: new Uint8Array(Buffer.from(hex, "hex")), meaning: meanings[name] };
    });
  });
}

/** Writes samples to two new files. It never changes a file that is there. */
export function addRecordings(samples: readonly Sample[]): void {
  const file = String(listFiles().length + 1).padStart(4, "0");
  const hex = samples.map(
    ({ name, type, message }) => `${name} ${Buffer.from(codecOf(type).encode(message).finish()).toString("hex")}\n`,
  );
  const json = samples.map(({ name, message }) => `  ${JSON.stringify(name)}: ${JSON.stringify(toPlain(message))}`);
  writeFileSync(new URL(`${file}.hex`, directory), hex.join(""), { flag: "wx" });
  writeFileSync(new URL(`${file}.json`, directory), `{\n${json.join(",\n")}\n}\n`, { flag: "wx" });
}

/** A message as JSON can hold it: bytes as hexadecimal text, maps as lists of entries. */
export function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Map) return [...value].map(toPlain);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, toPlain(field)]));
}

function listFiles(): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".hex"))
    .sort();
}
