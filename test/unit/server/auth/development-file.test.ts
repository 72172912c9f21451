import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  closeDevelopmentFile,
  developmentSecret,
  readDevelopmentFile,
  writeDevelopmentFile,
} from "../../../../src/server/auth/development-file.js";
import { fixedRuntime } from "./fixed-runtime.js";

const secret = "s".repeat(43);
const content = { appId: "dev", secret, grpc: "127.0.0.1:7400", http: "127.0.0.1:7401", pid: 7 };

describe("the development file", () => {
  let parent: string;
  let dataDir: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "aldis-"));
    dataDir = join(parent, "deep", "data");
  });
  afterEach(() => rm(parent, { recursive: true }));

  it("reads what was written, for the eyes of its user only", async () => {
    await writeDevelopmentFile(dataDir, { appId: "old", secret });
    await writeDevelopmentFile(dataDir, content);

    expect(await readDevelopmentFile(dataDir)).toEqual(content);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, "development.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(["development.json"]);
  });

  it("is undefined where there is none", async () => {
    expect(await readDevelopmentFile(dataDir)).toBeUndefined();
  });

  it.each(["", "{", "[]", '{"appId":"dev"}', '{"appId":"dev","secret":"short"}', `{"appId":7,"secret":"${secret}"}`])(
    "is undefined if it is garbled: %s",
    async (text) => {
      await writeFile(join(parent, "development.json"), text);

      expect(await readDevelopmentFile(parent)).toBeUndefined();
    },
  );

  it("gives the secret of earlier runs, so that tokens outlive a restart", async () => {
    await writeDevelopmentFile(dataDir, content);

    expect(await developmentSecret(dataDir, fixedRuntime(0))).toBe(secret);
  });

  it("makes a secret of 256 bits where there is none", async () => {
    const made = await developmentSecret(dataDir, fixedRuntime(0));

    expect(Buffer.from(made, "base64url")).toHaveLength(32);
  });

  it("keeps the secret and drops the addresses when its server closes", async () => {
    await writeDevelopmentFile(dataDir, content);

    await closeDevelopmentFile(dataDir, 7);

    expect(await readDevelopmentFile(dataDir)).toEqual({ appId: "dev", secret });
  });

  it("keeps the addresses of a server that has taken over", async () => {
    await writeDevelopmentFile(dataDir, content);

    await closeDevelopmentFile(dataDir, 6);

    expect(await readDevelopmentFile(dataDir)).toEqual(content);
  });
});
