import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createClient, DeliveryOutcome } from "../../src/client/index.js";
import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const secret = "the secret of the test of a full disk, 32 bytes and more";
const diskBytes = 24 * 1024 * 1024;
const minFreeBytes = 4 * 1024 * 1024;
const eventually = (expectation: () => Promise<void>) => vi.waitFor(expectation, { timeout: 20_000, interval: 50 });

/** Whether this user may mount a small disk that nobody else sees. */
function canMount(): boolean {
  try {
    execFileSync("unshare", ["-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A real server whose data directory is a small disk. `disk` is where this process finds that. */
async function startServer(): Promise<{ grpc: string; http: string; disk: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-full-"));
  const mount = `mount -t tmpfs -o size=${diskBytes} tmpfs "$0" && exec "$@"`;
  const flags = [
    "--grpc-port",
    "0",
    "--http-port",
    "0",
    "--json",
    "--log-level",
    "fatal",
    "--min-free-bytes",
    `${minFreeBytes}`,
  ];
  const serve = [process.execPath, "--import", "tsx", program, "serve", "--data-dir", dataDir, ...flags];
  const child = spawn("unshare", ["-Urm", "sh", "-c", mount, dataDir, ...serve], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ALDIS_TOKEN_SECRET: secret },
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
    await rm(dataDir, { recursive: true });
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { ...(JSON.parse(line) as { grpc: string; http: string }), disk: `/proc/${child.pid}/root${dataDir}` };
}

async function login(address: string, userId: string) {
  const token = () => issueToken({ appId: "dev", userId, key: secretTokenKey(secret), runtime: systemRuntime });
  const client = createClient({ address, appId: "dev", userId, token });
  onTestFinished(() => client.close());
  await client.login();
  return client;
}

describe.skipIf(!canMount())("a server on a disk that fills up", () => {
  it("refuses what must be stored and goes on with the rest, and recovers when there is room again", async () => {
    const { grpc, http, disk } = await startServer();
    const readiness = async () => (await fetch(`http://${http}/readyz`)).status;
    const alice = await login(grpc, "alice");
    await login(grpc, "bob");
    const store = () => alice.sendToPeer("carol", "for later", { storeIfAway: true });
    expect(await store()).toMatchObject({ outcome: DeliveryOutcome.STORED });
    const ballast = join(disk, "ballast");

    await expect(writeFile(ballast, Buffer.alloc(diskBytes))).rejects.toThrow("ENOSPC");
    await eventually(async () => expect(await readiness()).toBe(503));

    await expect(store()).rejects.toMatchObject({ codeName: "RESOURCE_EXHAUSTED" });
    expect(await alice.sendToPeer("bob", "live")).toMatchObject({ outcome: DeliveryOutcome.DELIVERED });
    await rm(ballast);
    await eventually(async () => expect(await readiness()).toBe(200));
    expect(await store()).toMatchObject({ outcome: DeliveryOutcome.STORED });
  });
});
