import { describe, expect, it } from "vitest";
import type { AldisServer, ServerOptions } from "../../../../src/server/index.js";
import { TestWorld } from "../test-world.js";

/** A server that listens nowhere, and shows how it was made and what it was told to do. `drained` ends its draining. */
function scriptedServer() {
  const log: string[] = [];
  let options: ServerOptions = {};
  let started = () => {};
  let drained = () => {};
  const listening = new Promise<void>((resolve) => {
    started = resolve;
  });
  const draining = new Promise<void>((resolve) => {
    drained = resolve;
  });
  const server: AldisServer = {
    addresses: { grpc: "127.0.0.1:50001", http: "127.0.0.1:50002" },
    appId: "dev",
    transport: () => {
      throw new Error("Nobody connects here.");
    },
    issueToken: () => Promise.resolve("token"),
    reload() {
      log.push("reload");
    },
    async drain() {
      log.push("drain");
      await draining;
    },
    async close() {
      log.push("close");
    },
  };
  const createServer = async (given: ServerOptions = {}) => {
    options = given;
    started();
    return server;
  };
  return { createServer, listening, drained: () => drained(), log, options: () => options };
}

async function serve(...args: string[]) {
  const script = scriptedServer();
  const aldis = new TestWorld("data", { createServer: script.createServer });
  const exitCode = aldis.run("serve", ...args);
  await script.listening;
  await Promise.resolve();
  return { ...script, aldis, exitCode };
}

describe("aldis serve", () => {
  it("prints where it listens as one line of JSON", async () => {
    const { aldis, drained, exitCode } = await serve("--json");

    drained();
    aldis.stop();
    await exitCode;

    const announcement = { event: "listening", grpc: "127.0.0.1:50001", http: "127.0.0.1:50002", development: true };
    expect(aldis.output.lines.map((line) => JSON.parse(line))).toEqual([announcement]);
  });

  it("tells people where it listens, the mode, and what to try next", async () => {
    const { aldis, drained, exitCode } = await serve();

    drained();
    aldis.stop();
    await exitCode;

    for (const part of [
      "127.0.0.1:50001",
      "http://127.0.0.1:50002",
      "development",
      "npm run demo",
      "aldis login --user alice",
    ]) {
      expect(aldis.output.text).toContain(part);
    }
  });

  it("reads its files again when it is asked to, and goes on", async () => {
    const { aldis, drained, exitCode, log } = await serve();

    aldis.reload();
    drained();
    aldis.stop();
    await exitCode;

    expect(log).toEqual(["reload", "drain", "close"]);
  });

  it("gives the configuration to the server", async () => {
    const { aldis, drained, exitCode, options } = await serve(
      "--grpc-port",
      "0",
      "--limit",
      "ackEvents=7",
      "--limit",
      "drainMs=1",
    );

    drained();
    aldis.stop();
    await exitCode;

    expect(options().config).toMatchObject({
      grpcPort: 0,
      httpPort: 7401,
      dataDir: "data",
      limits: { ackEvents: 7, drainMs: 1 },
    });
  });

  it("drains and closes when it is asked to stop, and exits with 0", async () => {
    const { aldis, drained, exitCode, log } = await serve();

    aldis.stop();
    drained();

    expect(await exitCode).toBe(0);
    expect(log).toEqual(["drain", "close"]);
  });

  it("closes without its clients when it is asked a second time, and exits with 1", async () => {
    const { aldis, exitCode, log } = await serve();

    aldis.stop();
    aldis.stop();

    expect(await exitCode).toBe(1);
    expect(log).toEqual(["drain", "close"]);
  });

  it.each([
    [
      "cannot listen for gRPC on 127.0.0.1:7400: No address added: [listen EADDRINUSE]",
      "The gRPC port 7400 is in use. Choose another with --grpc-port, or 0 for any free one.\n",
    ],
    [
      "cannot listen for HTTP on 127.0.0.1:7401: listen EADDRINUSE",
      "The HTTP port 7401 is in use. Choose another with --http-port, or 0 for any free one.\n",
    ],
    ["cannot listen for gRPC on 10.9.9.9:7400: EADDRNOTAVAIL", "cannot listen for gRPC on 10.9.9.9:7400: EADDRNOTAVAIL\n"],
  ])("names the port and the flag if it cannot listen: %s", async (message, told) => {
    const aldis = new TestWorld("data", { createServer: () => Promise.reject(new Error(message)) });

    expect(await aldis.run("serve")).toBe(1);
    expect(aldis.errors.text).toBe(told);
  });
});
