import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Machine, systemMachine } from "../../../../src/cli/doctor/machine.js";
import { DatabaseSync } from "../../../../src/server/engine/store/sqlite.js";
import { systemRuntime } from "../../../../src/server/runtime.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { startTestServer } from "../../../support/test-server.js";
import { tlsFile } from "../../../support/tls-files.js";
import { TestWorld } from "../test-world.js";

/** A machine on which a server with the default limits lacks nothing. */
const wellMachine: Machine = {
  nodeVersion: "24.18.1",
  openFiles: () => 200_000,
  memoryBytes: () => 8 * 2 ** 30,
  file: (path) => systemMachine.file(path),
  syncTimes: () => [0.5, 0.6, 2],
  tryPort: async () => undefined,
  readiness: async () => undefined,
  fetchText: () => Promise.reject(new Error("This test has no network.")),
};

describe("aldis doctor", () => {
  let dataDir: string;
  /** The certificates of the tests are good from 2026 on. */
  let nowMs: number;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "aldis-doctor-"));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    nowMs = 3_000_000_000_000;
  });

  const fileWith = async (name: string, content: string, mode = 0o600) => {
    await writeFile(join(dataDir, name), content);
    await chmod(join(dataDir, name), mode);
    return join(dataDir, name);
  };

  /** What a run with these flags finds, by what was looked at. */
  async function examine(args: readonly string[] = [], machine: Partial<Machine> = {}, env: Record<string, string> = {}) {
    const runtime = createManualRuntime();
    runtime.advance(nowMs - runtime.clock.now());
    const readText = (path: string) => readFileSync(path, "utf8");
    const parts = { runtime, readFile: readText, machine: { ...wellMachine, ...machine } };
    const world = new TestWorld(dataDir, { ...parts, env: { ALDIS_DATA_DIR: dataDir, ...env } });
    const exitCode = await world.run("doctor", "--json", ...args);
    const { checks } = JSON.parse(world.output.text);
    const found = (name: string) => checks.filter(({ check }: { check: string }) => check === name);
    return { exitCode, found, states: new Set(checks.map(({ state }: { state: string }) => state)) };
  }

  it("finds nothing to do on a machine that is well", async () => {
    const { exitCode, states } = await examine();

    expect([exitCode, [...states]]).toEqual([0, ["ok"]]);
  });

  it("shows a table, and what to do under it", async () => {
    const world = new TestWorld(dataDir, { machine: { ...wellMachine, openFiles: () => 1024 } });

    expect(await world.run("doctor")).toBe(0);

    expect(world.output.lines[0]).toMatch(/^CHECK +STATE +FOUND$/);
    expect(world.output.text).toMatch(/^open files +warning +1024 for this user/m);
    expect(world.output.text).toMatch(/\nWhat to do:\n {2}open files: Set LimitNOFILE=100200/);
  });

  it.each([
    ["ok", [0.5, 200, 0.4], "a sync takes 0.5 ms; the longest of 3 took 200.0 ms"],
    ["warning", [0.5, 200.1, 0.4], "a sync takes 0.5 ms; the longest of 3 took 200.1 ms"],
    ["warning", [21, 22, 0.4], "a sync takes 21.0 ms; the longest of 3 took 22.0 ms"],
    ["skipped", undefined, "nothing can be written"],
  ] as const)("judges the disk: %s if syncs take %j ms", async (state, times, text) => {
    const { found, exitCode } = await examine([], { syncTimes: () => times });

    expect(found("disk")).toMatchObject([{ state, found: expect.stringContaining(text) }]);
    expect(exitCode).toBe(0);
  });

  it("asks the disk of the data directory, leaves nothing there, and asks none where the data is elsewhere", async () => {
    const times = systemMachine.syncTimes(dataDir, systemRuntime.clock);
    const { found } = await examine(["--store", "memory"]);

    expect(times?.length).toBe(30);
    expect(times?.every((ms) => ms > 0)).toBe(true);
    expect(await readdir(dataDir)).toEqual([]);
    expect(systemMachine.syncTimes(join(dataDir, "none"), systemRuntime.clock)).toBeUndefined();
    expect(found("disk")).toEqual([]);
  });

  it.each([
    ["18.20.0", "failed"],
    ["20.20.2", "warning"],
    ["22.9.0", "warning"],
    ["22.23.2", "ok"],
    ["24.18.0", "warning"],
    ["27.0.0", "ok"],
  ])("judges Node %s: %s", async (nodeVersion, state) => {
    const { found } = await examine([], { nodeVersion });

    expect(found("node")).toMatchObject([{ state }]);
  });

  it("says each thing that is wrong with the configuration, and that it cannot go on", async () => {
    const { exitCode, found } = await examine(["--grpc-port", "x", "--http-port", "y"]);

    expect(exitCode).toBe(1);
    expect(found("configuration")).toMatchObject([{ state: "failed" }, { state: "failed" }]);
    expect(found("the rest")).toMatchObject([{ state: "skipped" }]);
  });

  it.each([
    ["users who need no token", ["--allow-no-token"], {}],
    ["a development server for strangers", ["--grpc-host", "0.0.0.0", "--allow-plaintext"], {}],
    ["errors with the inside of the server", [], { GRPC_NODE_DEBUG_SEND_ERROR_DETAILS: "true" }],
  ])("warns of %s", async (_, args, env) => {
    const { exitCode, found } = await examine(args, {}, env as Record<string, string>);

    expect([exitCode, found("configuration")[0].state]).toEqual([0, "warning"]);
  });

  it("reads the apps file with its keys, and asks the provider for those that it publishes", async () => {
    await fileWith("shop.secret", "the secret of the shop, 32 bytes");
    const jwks = { url: "https://login.example.com/keys" };
    const apps = { shop: { keys: [{ secretFile: "shop.secret" }] }, news: { jwks } };
    const appsFile = await fileWith("apps.json", JSON.stringify({ apps }));

    const reached = await examine(["--apps-file", appsFile], { fetchText: async () => "{}" });
    const unreached = await examine(["--apps-file", appsFile]);
    await rm(join(dataDir, "shop.secret"));
    const broken = await examine(["--apps-file", appsFile]);

    expect(reached.found("keys")).toMatchObject([{ state: "ok", found: "2 apps, 1 keys in files" }]);
    expect(unreached.found("keys")).toMatchObject([{ state: "warning", found: expect.stringContaining(jwks.url) }]);
    expect(broken.found("keys")).toMatchObject([{ state: "failed", found: expect.stringContaining('app "shop"') }]);
  });

  it("finds an admin keys file that does not do", async () => {
    const { exitCode, found } = await examine(["--admin-keys-file", await fileWith("admin.json", "{}")]);

    expect([exitCode, found("admin keys")[0].state]).toEqual([1, "failed"]);
  });

  it("warns of secrets that every user may read, and not of what is public", async () => {
    await fileWith("open.secret", "the secret of the shop, 32 bytes", 0o644);
    await writeFile(join(dataDir, "cert.pem"), await readFile(tlsFile("server.pem")), { mode: 0o644 });
    const key = await fileWith("key.pem", await readFile(tlsFile("server.key"), "utf8"), 0o644);
    const certificate = ["--tls-cert-file", join(dataDir, "cert.pem"), "--tls-key-file", key];

    const { found } = await examine(["--token-secret-file", join(dataDir, "open.secret"), ...certificate]);

    const [{ state, advice }] = found("secret files");
    expect(state).toBe("warning");
    expect(advice).toBe(`Run: chmod o-rwx ${join(dataDir, "open.secret")} ${key}`);
  });

  describe("of a certificate", () => {
    const certificate = (cert: string, key: string) => ["--tls-cert-file", tlsFile(cert), "--tls-key-file", tlsFile(key)];
    const expiryMs = Date.UTC(2126, 9, 27, 22, 36, 52);
    const dayMs = 24 * 60 * 60 * 1000;

    it.each([
      [15, "ok"],
      [13, "warning"],
      [-1, "failed"],
    ])("%i days before its end says %s", async (days, state) => {
      nowMs = expiryMs - days * dayMs;

      const { found } = await examine(certificate("server.pem", "server.key"));

      expect(found("certificate")).toMatchObject([{ state }]);
    });

    it("finds a key that is not its own", async () => {
      const { exitCode, found } = await examine(certificate("server.pem", "renewed.key"));

      expect([exitCode, found("certificate")[0].state]).toEqual([1, "failed"]);
    });

    it("misses one on an address that strangers may reach", async () => {
      const { found } = await examine(["--grpc-host", "0.0.0.0"]);

      expect(found("certificate")).toMatchObject([{ state: "failed", found: expect.stringContaining("--tls-cert-file") }]);
    });
  });

  it("finds a port that another program has", async () => {
    const { exitCode, found } = await examine([], { tryPort: async (_, port) => (port === 7400 ? "EADDRINUSE" : undefined) });

    expect(exitCode).toBe(1);
    expect(found("grpc port")).toMatchObject([{ state: "failed", found: "7400 is in use" }]);
    expect(found("http port")).toMatchObject([{ state: "ok" }]);
  });

  it.each([
    ["ok", 0, "ok"],
    ["the disk is full", 1, "failed"],
  ])("asks a server that runs how it is: %s", async (readiness, expected, state) => {
    const machine = { tryPort: async () => "EADDRINUSE", readiness: async () => readiness };

    const { exitCode, found } = await examine([], machine);

    expect(exitCode).toBe(expected);
    expect(found("grpc port")).toMatchObject([{ state: "ok" }]);
    expect(found("server")).toMatchObject([{ state }]);
  });

  it("finds a store of a newer server", async () => {
    const database = new DatabaseSync(join(dataDir, "aldis.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();

    const { exitCode, found } = await examine([]);

    expect(exitCode).toBe(1);
    expect(found("data")).toMatchObject([{ state: "failed", found: expect.stringContaining("schema 999") }]);
  });

  it("finds a disk with too little room, and a directory that others may look into", async () => {
    const full = await examine(["--min-free-bytes", String(2 ** 52)]);
    await chmod(dataDir, 0o755);
    const open = await examine([]);

    expect(full.found("data")).toMatchObject([{ state: "failed", found: expect.stringContaining("Nothing would be stored") }]);
    expect(open.found("data")).toMatchObject([{ state: "warning", advice: `Run: chmod 700 ${dataDir}` }]);
  });

  it("looks at no disk for a server that keeps all in memory", async () => {
    const { found } = await examine(["--store", "memory", "--min-free-bytes", String(2 ** 52)]);

    expect(found("data")).toMatchObject([{ state: "ok" }]);
  });

  it("makes no data directory", async () => {
    const missing = join(dataDir, "not", "yet");

    await examine(["--data-dir", missing]);

    expect(existsSync(join(dataDir, "not"))).toBe(false);
  });

  it("finds a clock that is behind what has been written", async () => {
    await fileWith("development.json", "{}");
    nowMs = 1_800_000_000_000 - 10 ** 11;

    const { exitCode, found } = await examine([]);

    expect([exitCode, found("clock")[0].state]).toEqual([1, "failed"]);
  });

  it("warns of memory that ends before the server's own ceiling", async () => {
    const { found } = await examine([], { memoryBytes: () => 2 ** 30 });

    expect(found("memory")).toMatchObject([{ state: "warning", advice: expect.stringContaining("memoryBytes=805306368") }]);
  });

  it("says so where the system does not tell a limit", async () => {
    const { exitCode, found } = await examine([], { openFiles: () => undefined });

    expect([exitCode, found("open files")[0].state]).toEqual([0, "skipped"]);
  });
});

describe("the doctor's machine", () => {
  it("tells whether a port can be had", async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port)),
    );

    expect(await systemMachine.tryPort("127.0.0.1", port)).toBe("EADDRINUSE");
    expect(await systemMachine.tryPort("127.0.0.1", 0)).toBeUndefined();
    expect(await systemMachine.tryPort("192.0.2.1", 0)).toBe("EADDRNOTAVAIL");
  });

  it("asks a server whether it takes clients", async () => {
    const { server } = await startTestServer();
    const address = server.addresses.http ?? "";

    expect(await systemMachine.readiness(address)).toBe("ok");
    await server.drain();
    expect(await systemMachine.readiness(address)).toBe("draining");
    await server.close();
    expect(await systemMachine.readiness(address)).toBeUndefined();
  });

  it("knows memory, and of Linux how many files may be open", () => {
    expect(systemMachine.memoryBytes()).toBeGreaterThan(2 ** 20);
    if (process.platform === "linux") expect(systemMachine.openFiles()).toBeGreaterThan(0);
  });
});
