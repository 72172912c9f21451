import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What a process did to the files of its store, or confirmed, in its order. A file is its name without the directory. */
export type Step =
  | { readonly kind: "write"; readonly file: string; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "sync"; readonly file: string }
  /** The directory was synced: which files there are, not what is in them. */
  | { readonly kind: "sync-names" }
  | { readonly kind: "confirm"; readonly messages: number };

const dataDirectory = "data";
/** The program that writes: its arguments are a directory and a number of batches. */
export const writer = fileURLToPath(new URL("./writer.ts", import.meta.url));
const systemCalls = "pwrite64,write,ftruncate,unlink,fsync,fdatasync";
/** More than a page, so that nothing of a write is left out. */
const longestText = 100_000;
const maxTraceBytes = 2 ** 30;

/** Whether this machine has what records the system calls of a process. */
export function canRecord(): boolean {
  try {
    execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs the writer for some batches, and records what it does to the files of the store. */
export async function record(batches: number): Promise<Step[]> {
  const directory = await mkdtemp(join(tmpdir(), "aldis-recording-"));
  const trace = join(directory, "trace");
  const observed = ["-y", "-xx", "-s", `${longestText}`, "-e", `trace=${systemCalls}`, "-o", trace];
  const program = [process.execPath, "--import", "tsx", writer, join(directory, dataDirectory), `${batches}`];
  try {
    await promisify(execFile)("strace", [...observed, ...program], { maxBuffer: maxTraceBytes });
    return (await readFile(trace, "latin1")).split("\n").flatMap(stepOf);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Whatever outlives a power cut: neither the lock nor the index in shared memory, which is made anew. */
const durable = new Set(["aldis.db", "aldis.db-wal", "aldis.db-journal"]);
const call = /^(\w+)\((?:(\d+)<([^>]*)>|"([^"]*)")(?:, (?:"([^"]*)", )?(.*))?\) += 0*\d+$/;

/** The step of a line such as `pwrite64(27<\x2f\x74>, "\x00", 1, 24) = 1`, or none. */
function stepOf(line: string): Step[] {
  const [, name, descriptor, ofDescriptor, ofName, text = "", numbers = ""] = call.exec(line) ?? [];
  if (name === "write" && descriptor === "1")
    return [{ kind: "confirm", messages: Number(decode(text).toString().split(" ")[1]) }];
  const file = basename(decode(ofDescriptor ?? ofName ?? "").toString());
  if (file === dataDirectory) return [{ kind: "sync-names" }];
  if (!durable.has(file)) return [];
  const lastNumber = Number(numbers.split(", ").at(-1));
  switch (name) {
    case "pwrite64":
      return [{ kind: "write", file, at: lastNumber, bytes: decode(text) }];
    case "ftruncate":
      return [{ kind: "truncate", file, size: lastNumber }];
    case "unlink":
      return [{ kind: "remove", file }];
    default:
      return [{ kind: "sync", file }];
  }
}

function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}
