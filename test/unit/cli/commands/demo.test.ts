import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { story } from "../../../../src/cli/demo/story.js";
import { writeDevelopmentFile } from "../../../../src/server/auth/development-file.js";
import { type AldisServer, createServer } from "../../../../src/server/index.js";
import { TestWorld } from "../test-world.js";

describe("aldis demo without a server", () => {
  it("plays the whole story on an embedded one, for programs", async () => {
    const aldis = new TestWorld("no-data", { createServer });

    const exitCode = await aldis.run("demo", "--json");

    const lines = aldis.output.lines.map((line) => JSON.parse(line));
    expect(lines.filter((line) => line.problem !== undefined)).toEqual([]);
    expect(lines.map((line) => line.step ?? line)).toEqual([
      ...story.map((_, index) => index + 1),
      { done: true, ok: true, steps: story.length },
    ]);
    expect(exitCode).toBe(0);
  });
});

describe("aldis demo with a development server", () => {
  const secret = "the secret of a development server";
  const address = "127.0.0.1:50001";
  let dataDir: string;
  let server: AldisServer;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "aldis-"));
    await writeDevelopmentFile(dataDir, { appId: "shop", secret, grpc: "0.0.0.0:50001" });
    server = await createServer({ config: { appId: "shop", tokenSecret: secret } });
  });
  afterEach(async () => {
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  /** The world in which the server can be reached at `address`, and nowhere else. */
  function worldWithServer(answers: boolean): TestWorld {
    return new TestWorld(dataDir, {
      createServer,
      answers: async (asked) => answers && asked === address,
      openTransport: (asked) => (`${asked}` === address ? server.transport() : { open: () => ({ send() {}, close() {} }) }),
    });
  }

  it("plays on that server, with nothing to copy", async () => {
    const aldis = worldWithServer(true);

    const exitCode = await aldis.run("demo");

    expect(aldis.output.lines[0]).toBe(`The story plays on the development server of this machine at ${address}.`);
    expect(aldis.output.lines.at(-1)).toBe(`All ${story.length} steps went well.`);
    expect(exitCode).toBe(0);
  });

  it("plays on an embedded server if that one does not answer", async () => {
    const aldis = worldWithServer(false);

    const exitCode = await aldis.run("demo");

    expect(aldis.output.lines[0]).toContain("an embedded server in this process");
    expect(exitCode).toBe(0);
  });

  it("says at once that nothing answers at an address that was given", async () => {
    const aldis = worldWithServer(false);

    const exitCode = await aldis.run("demo", "--address", address, "--app", "shop");

    expect(exitCode).not.toBe(0);
    expect(aldis.errors.lines.join("\n")).toContain(`Nothing answers at ${address}.`);
  });

  it("exits with 1 and tells the step if one fails", async () => {
    const aldis = worldWithServer(true);

    const exitCode = await aldis.run("demo", "--app", "other", "--json");

    expect(exitCode).toBe(1);
    expect(aldis.output.lines.map((line) => JSON.parse(line))).toEqual([
      { step: 1, name: story[0]?.name, ok: false, ms: expect.any(Number), problem: expect.any(String) },
      { done: true, ok: false, steps: 1 },
    ]);
  });
});
