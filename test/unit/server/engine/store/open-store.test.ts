import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { connect } from "../../../../../src/server/engine/store/connection.js";
import { systemDisk } from "../../../../../src/server/engine/store/disk.js";
import { storeInThisThread } from "../../../../support/store-in-this-thread.js";

const nfs = 0x6969;
const ext4 = 0xef53;
const options = { limits: defaultLimits, maxBytes: Number.POSITIVE_INFINITY, minFreeBytes: 0, allowSharedDisk: false };

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aldis-open-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

const diskOf = (fileSystem: number) => ({ freeBytes: () => 2 ** 40, fileSystem: () => fileSystem });

describe("opening a store", () => {
  it("refuses a network file system before it writes anything, and says how to go on", async () => {
    const dataDir = join(await makeDirectory(), "data");

    const opening = storeInThisThread({ ...options, dataDir }, diskOf(nfs));

    await expect(opening).rejects.toThrow(/data is on .*\(NFS\).*--data-dir.*--allow-shared-disk/);
    await expect(rm(dataDir)).rejects.toThrow("ENOENT");
  });

  it("takes a network file system for which the operator answers, and a local one", async () => {
    const allowed = await storeInThisThread({ ...options, dataDir: await makeDirectory(), allowSharedDisk: true }, diskOf(nfs));
    const local = await storeInThisThread({ ...options, dataDir: await makeDirectory() }, diskOf(ext4));

    await allowed.close();
    await local.close();
  });

  it("knows the real file system of a directory that is not there yet, and its free bytes", async () => {
    const dataDir = await makeDirectory();

    expect(systemDisk.fileSystem(join(dataDir, "a", "b"))).toBe(systemDisk.fileSystem(dataDir));
    expect(systemDisk.freeBytes(dataDir)).toBeGreaterThan(0);
  });

  it("refuses a directory that cannot be made instead of trying for ever", { timeout: 10_000 }, async () => {
    await expect(storeInThisThread({ ...options, dataDir: "/proc/aldis/data" })).rejects.toThrow(
      /cannot be written.*--data-dir/,
    );
  });

  it("writes ahead to a log and waits for the disk at every commit", async () => {
    const dataDir = await makeDirectory();
    const full = 2;

    const connection = connect(join(dataDir, "aldis.db"), Number.POSITIVE_INFINITY);

    expect(connection.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "wal" });
    expect(connection.prepare("PRAGMA synchronous").get()).toMatchObject({ synchronous: full });
    expect(connection.prepare("PRAGMA foreign_keys").get()).toMatchObject({ foreign_keys: 1 });
    connection.close();
  });
});
