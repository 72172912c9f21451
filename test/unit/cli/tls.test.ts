import { describe, expect, it } from "vitest";
import type { GrpcTls } from "../../../src/client/transport/grpc.js";
import { TestWorld } from "./test-world.js";

/** Runs a login with these options, and gives what it would open, and what it says. */
async function openedBy(...options: string[]) {
  const opened: (boolean | GrpcTls | undefined)[] = [];
  const world = new TestWorld("no-data", {
    env: { ALDIS_TOKEN_SECRET: "a secret that is at least 32 bytes long" },
    readFile: (path) => {
      if (path === "gone") throw new Error("no such file");
      return `content of ${path}`;
    },
    openTransport: (_, tls) => {
      opened.push(tls);
      throw new Error("This test opens nothing.");
    },
  });
  const exitCode = await world.run("login", "--user", "alice", "--address", "chat.example:7400", ...options);
  return { opened, exitCode, errors: world.errors.text };
}

describe("the options for TLS", () => {
  it.each<[string[], boolean | GrpcTls | undefined]>([
    [[], undefined],
    [["--tls"], true],
    [["--tls-ca", "ca"], { rootCertificates: "content of ca" }],
    [
      ["--tls", "--tls-cert", "cert", "--tls-key", "key"],
      { clientCertificate: "content of cert", clientKey: "content of key" },
    ],
  ])("mean, as %j, the right certificates", async (options, tls) => {
    expect((await openedBy(...options)).opened).toEqual([tls]);
  });

  it.each([
    [["--tls-cert", "cert"], "Set --tls-cert and --tls-key together.", 2],
    [["--tls-ca", "gone"], '"gone" cannot be read: no such file.', 1],
  ])("tell what is wrong with %j", async (options, sentence, code) => {
    const { exitCode, errors, opened } = await openedBy(...options);

    expect(errors).toContain(sentence);
    expect(exitCode).toBe(code);
    expect(opened).toEqual([]);
  });
});
