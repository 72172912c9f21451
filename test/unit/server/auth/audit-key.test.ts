import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { auditDigest, auditKeyFileIn, openAuditKey } from "../../../../src/server/auth/audit-key.js";
import { systemRuntime } from "../../../../src/server/runtime.js";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "aldis-audit-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
});

const open = (keeps: boolean, auditKeyFile?: string) => openAuditKey({ dataDir, auditKeyFile }, keeps, systemRuntime);

it("is made at the first start for the eyes of its user only, and found again at the next one", async () => {
  const [first, second] = [open(true), open(true)];

  expect(second).toBe(first);
  expect((await stat(auditKeyFileIn(dataDir))).mode & 0o777).toBe(0o600);
});

it("is another one at each start of a server that keeps nothing", async () => {
  expect(open(false)).not.toBe(open(false));
  await expect(stat(auditKeyFileIn(dataDir))).rejects.toThrow("ENOENT");
});

it("is that of a file, without its line end, and no short one", async () => {
  const path = join(dataDir, "key");
  await writeFile(path, `${"k".repeat(32)}\n`);
  const good = open(true, path);
  await writeFile(path, "short");

  expect(good).toBe("k".repeat(32));
  expect(() => open(true, path)).toThrow(/too short; it must be at least 32 bytes/);
  expect(() => open(true, join(dataDir, "nothing"))).toThrow(/cannot be read/);
});

it("decides the digests", () => {
  const [one, other] = ["a".repeat(32), "b".repeat(32)];

  // printf ann | openssl dgst -sha256 -hmac aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  expect(auditDigest(one, "ann")).toMatch(/^hmac:[0-9a-f]{16}$/);
  expect(auditDigest(one, "ann")).toBe(auditDigest(one, "ann"));
  expect(auditDigest(one, "bob")).not.toBe(auditDigest(one, "ann"));
  expect(auditDigest(other, "ann")).not.toBe(auditDigest(one, "ann"));
});
