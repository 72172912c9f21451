import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { createDurableEngine } from "../../../../src/server/engine/store/durable-engine.js";
import { DatabaseSync } from "../../../../src/server/engine/store/sqlite.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { healthyStore, storeInThisThread } from "../../../support/store-in-this-thread.js";
import { TestWorld } from "../test-world.js";

const lobby = { appId: "app", channel: "lobby" };

/** The engine of a server that has a channel with one message. */
async function startEngine(dataDir: string) {
  const runtime = createManualRuntime();
  const engine = await createDurableEngine({
    runtime,
    limits: defaultLimits,
    dataDir,
    observer: healthyStore,
    start: storeInThisThread,
  });
  await engine.log.append(lobby, { sender: "ada", message: Uint8Array.of(1) });
  return engine;
}

describe("aldis store", () => {
  let dataDir: string;
  let aldis: TestWorld;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "aldis-"));
    aldis = new TestWorld(dataDir);
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  async function damage(): Promise<void> {
    await (await startEngine(dataDir)).close();
    const database = new DatabaseSync(join(dataDir, "aldis.db"));
    database.exec("UPDATE channel_segments SET messages = x'00'");
    database.close();
  }

  it("check says that a store is well, while its server runs", async () => {
    const engine = await startEngine(dataDir);

    expect(await aldis.run("store", "check")).toBe(0);

    expect(aldis.output.text).toBe("The store is well.\n");
    await engine.close();
  });

  it("check tells what is damaged and what to do, and fails", async () => {
    await damage();

    expect(await aldis.run("store", "check")).toBe(1);

    expect(aldis.output.lines).toEqual(["a stored message of a channel does not match its checksum"]);
    expect(aldis.errors.text).toMatch(/damaged: stop the server, and put a backup/);
  });

  it("check prints one line of JSON with its verdict", async () => {
    await damage();

    expect(await aldis.run("store", "check", "--json")).toBe(1);

    const problems = ["a stored message of a channel does not match its checksum"];
    expect(aldis.output.lines.map((line) => JSON.parse(line))).toEqual([{ ok: false, problems }]);
  });

  it("check finds a file that is no database", async () => {
    await writeFile(join(dataDir, "aldis.db"), "these are notes of somebody".repeat(500));

    expect(await aldis.run("store", "check")).toBe(1);

    expect(aldis.output.text).toContain("file is not a database");
  });

  it("stats counts what is stored, for people and as JSON", async () => {
    const engine = await startEngine(dataDir);

    expect(await aldis.run("store", "stats")).toBe(0);
    expect(await aldis.run("store", "stats", "--json")).toBe(0);

    expect(aldis.output.lines).toContain("channelMessages  1");
    expect(JSON.parse(aldis.output.lines.at(-1) ?? "")).toMatchObject({ channels: 1, channelMessages: 1, inboxMessages: 0 });
    await engine.close();
  });

  it("backup copies the store to the file that is named, and never over one that is there", async () => {
    const engine = await startEngine(dataDir);
    const file = join(dataDir, "backup.db");

    expect(await aldis.run("store", "backup", file, "--json")).toBe(0);
    expect(await aldis.run("store", "backup", file)).toBe(1);

    expect(aldis.output.lines).toEqual([JSON.stringify({ file })]);
    expect(aldis.errors.text).toContain("exists already. Choose another name");
    const copy = new DatabaseSync(file);
    expect(copy.prepare("SELECT count(*) AS count FROM channel_segments").get()).toMatchObject({ count: 1 });
    copy.close();
    await engine.close();
  });

  it("names the file when a backup cannot be written", async () => {
    await (await startEngine(dataDir)).close();
    const file = join(dataDir, "missing", "backup.db");

    expect(await aldis.run("store", "backup", file)).toBe(1);

    expect(aldis.errors.text).toMatch(/The backup .*missing.backup\.db cannot be written: .*Choose another place/);
  });

  it.each(["check", "stats"])("%s refuses a store of another version instead of calling it damaged", async (command) => {
    await (await startEngine(dataDir)).close();
    const database = new DatabaseSync(join(dataDir, "aldis.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();

    expect(await aldis.run("store", command)).toBe(1);

    expect(aldis.output.text).toBe("");
    expect(aldis.errors.text).toMatch(/another version of Aldis \(schema 999, this one knows \d+\)/);
  });

  it("says where it looked when there is no store", async () => {
    for (const command of ["check", "stats", "backup"]) {
      const world = new TestWorld(dataDir);

      expect(await world.run("store", command, "--data-dir", join(dataDir, "elsewhere"))).toBe(1);

      expect(world.errors.text).toMatch(
        /There is no store in .*elsewhere. Name the data directory of the server with --data-dir/,
      );
    }
  });
});
