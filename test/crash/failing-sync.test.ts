import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { readMessages } from "./power/messages.js";
import { canRecord, writer } from "./power/recording.js";

/** Less than the writer writes between two starts. */
const batches = 24;
/** The syncs of the disk that fail: later than the start, and early enough for more to come. */
const failing = "when=20..21";

describe.skipIf(!canRecord())("a disk that fails to sync", () => {
  it("stops the store for good although it works again, and takes nothing that was confirmed before", async () => {
    const directory = await mkdtemp(join(tmpdir(), "aldis-sync-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const dataDir = join(directory, "data");
    const strace = ["-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", `inject=fsync,fdatasync:error=EIO:${failing}`];

    const { stdout } = await promisify(execFile)("strace", [
      ...strace,
      ...[process.execPath, "--import", "tsx", writer, dataDir, `${batches}`],
    ]);

    const lines = stdout.trim().split("\n");
    const confirmed = lines.filter((line) => line.startsWith("confirmed"));
    expect(confirmed.length).toBeGreaterThan(0);
    expect(lines).toEqual([...confirmed, ...Array(batches - confirmed.length).fill("refused: failed")]);
    const last = Number(confirmed.at(-1)?.split(" ")[1]);
    expect(readMessages(dataDir).slice(0, last)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  });
});
