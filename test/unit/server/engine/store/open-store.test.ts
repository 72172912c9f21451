import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { connect } from "../../../../../src/server/engine/store/connection.js";
import { systemDisk } from "../../../../../src/server/engine/store/disk.js";
import { segmentOf } from "../../../../support/segment.js";
import { storeInThisThread } from "../../../../support/store-in-this-thread.js";

const nfs = 0x6969;
const ext4 = 0xef53;
const options = {
  limits: defaultLimits,
  maxBytes: Number.POSITIVE_INFINITY,
  minFreeBytes: 0,
  logBytes: 0,
  allowSharedDisk: false,
};

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

  it("gives the log of changes its size, and finds there what a server that was killed had stored", async () => {
    const dataDir = await makeDirectory();
    const log = join(dataDir, "aldis.db-wal");
    const store = await storeInThisThread({ ...options, dataDir, logBytes: 1_000_000 });
    const lobby = { appId: "app", channel: "lobby" };
    const append = {
      port: "log",
      method: "append",
      args: [lobby, segmentOf(Uint8Array.of(1))],
      nowMs: 1,
    } as const;

    expect((await stat(log)).size).toBe(1_000_000);
    await store.run([append]);
    expect((await stat(log)).size).toBe(1_000_000);

    const copy = await makeDirectory();
    for (const file of ["aldis.db", "aldis.db-wal"]) await copyFile(join(dataDir, file), join(copy, file));
    const again = await storeInThisThread({ ...options, dataDir: copy });
    const read = { ...append, method: "read", args: [lobby, undefined, { limit: 10 }] } as const;
    expect((await again.run([read])).answers).toMatchObject([{ ok: true, value: { records: [{ sender: "ada" }] } }]);
    await Promise.all([store.close(), again.close()]);
  });

  it("leaves the log of changes to grow where the disk has no room for all of it", async () => {
    const dataDir = await makeDirectory();
    const disk = { freeBytes: () => 1_000_000, fileSystem: () => ext4 };

    const store = await storeInThisThread({ ...options, dataDir, logBytes: 1_000_000 }, disk);

    expect((await stat(join(dataDir, "aldis.db-wal"))).size).toBeLessThan(1_000_000);
    await store.close();
  });
});
