import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixedKeys, singleApp } from "../../../../src/server/auth/app.js";
import { writeDevelopmentFile } from "../../../../src/server/auth/development-file.js";
import { createJwtVerifier } from "../../../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../../../src/server/auth/token-key.js";
import { systemRuntime } from "../../../../src/server/runtime.js";
import { TestWorld } from "../test-world.js";

const developmentSecret = "the secret of a development server";
const otherSecret = "the secret that the operator has set";

function verify(appId: string, secret: string, token: string) {
  const limits = { tokenBytes: 4096 };
  const apps = singleApp({ id: appId, keys: fixedKeys([secretTokenKey(secret)]) });
  return createJwtVerifier({ apps, limits, runtime: systemRuntime }).verify(token);
}

describe("aldis token", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "aldis-"));
    await writeDevelopmentFile(dataDir, { appId: "shop", secret: developmentSecret });
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it("prints a token for the development server, alone on standard output", async () => {
    const aldis = new TestWorld(dataDir);

    const exitCode = await aldis.run("token", "--user", "alice", "--valid", "1h");

    expect(exitCode).toBe(0);
    expect(aldis.output.lines).toHaveLength(1);
    expect(await verify("shop", developmentSecret, aldis.output.lines[0] ?? "")).toMatchObject({
      ok: true,
      claims: { userId: "alice" },
    });
    expect(aldis.errors.text).toContain("For user alice of app shop, valid for 1 h");
  });

  it("never prints the secret", async () => {
    const aldis = new TestWorld(dataDir);

    await aldis.run("token", "--user", "alice");

    expect(aldis.output.text + aldis.errors.text).not.toContain(developmentSecret);
  });

  it("signs with a secret file for the app that is asked for", async () => {
    const aldis = new TestWorld(dataDir, { readFile: () => `${otherSecret}\n` });

    await aldis.run("token", "--user", "alice", "--app", "news", "--secret-file", "secret.txt");

    expect(await verify("news", otherSecret, aldis.output.lines[0] ?? "")).toMatchObject({ ok: true });
  });

  it("signs with the secret of the environment, as a server there would", async () => {
    const aldis = new TestWorld(dataDir, { env: { ALDIS_DATA_DIR: dataDir, ALDIS_TOKEN_SECRET: otherSecret } });

    await aldis.run("token", "--user", "alice");

    expect(await verify("dev", otherSecret, aldis.output.lines[0] ?? "")).toMatchObject({ ok: true });
  });
});
