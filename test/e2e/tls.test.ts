// TLS on a real server: who gets in, who does not, and a new certificate while it runs.

import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createClient, ErrorCode, type GrpcTls } from "../../src/client/index.js";
import { createServer } from "../../src/server/index.js";
import { startTestServer, type TestServer } from "../support/test-server.js";
import { pem, tlsFile } from "../support/tls-files.js";

const authority = { rootCertificates: pem("authority.pem") };

describe("a server with TLS", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "aldis-tls-"));
    onTestFinished(() => rm(dir, { recursive: true }));
    await use("server");
  });

  async function use(name: string): Promise<void> {
    await copyFile(tlsFile(`${name}.pem`), join(dir, "cert.pem"));
    await copyFile(tlsFile(`${name}.key`), join(dir, "key.pem"));
  }

  const start = (config: object = {}) =>
    startTestServer({ tlsCertFile: join(dir, "cert.pem"), tlsKeyFile: join(dir, "key.pem"), ...config });

  async function login({ server, address }: TestServer, tls?: GrpcTls) {
    const token = await server.issueToken({ userId: "alice" });
    const client = createClient({ address, appId: server.appId, userId: "alice", token, tls, loginTimeoutMs: 3000 });
    onTestFinished(() => client.close());
    await client.login();
    return client;
  }

  it("lets in who trusts its certificate", async () => {
    const client = await login(await start(), authority);

    await expect(client.queryPresence(["alice"])).resolves.toHaveLength(1);
  });

  it.each<[string, GrpcTls | undefined]>([
    ["speaks no TLS", undefined],
    ["trusts another authority", { rootCertificates: pem("stranger.pem") }],
  ])("gets no client that %s", async (_, tls) => {
    await expect(login(await start(), tls)).rejects.toMatchObject({ code: ErrorCode.TIMEOUT });
  });

  it("asks clients for a certificate if it is told to, and takes only those of its authority", async () => {
    const test = await start({ tlsClientCaFile: tlsFile("authority.pem") });
    const shown = (name: string) => ({ ...authority, clientCertificate: pem(`${name}.pem`), clientKey: pem(`${name}.key`) });

    await expect(login(test, authority)).rejects.toMatchObject({ code: ErrorCode.TIMEOUT });
    await expect(login(test, shown("intruder"))).rejects.toMatchObject({ code: ErrorCode.TIMEOUT });
    await expect(login(test, shown("client"))).resolves.toBeDefined();
  });

  it("shows a new certificate to new connections, and keeps those that are open", async () => {
    const test = await start();
    const client = await login(test, authority);

    const before = await nameShown(test.address);
    await use("renewed");
    test.server.reload();
    const after = await nameShown(test.address);

    expect([before, after]).toEqual(["server", "renewed"]);
    await expect(client.queryPresence(["alice"])).resolves.toHaveLength(1);
  });
});

describe("a server on an address that strangers may reach", () => {
  const config = {
    grpcHost: "0.0.0.0",
    grpcPort: 0,
    store: "memory",
    tokenSecret: "a secret of tests, 32 bytes long",
  } as const;

  it("does not start without TLS", async () => {
    await expect(createServer({ config })).rejects.toThrow(/--tls-cert-file .* --allow-plaintext/);
  });

  it("starts without TLS if it is told that this is meant", async () => {
    const server = await createServer({ config: { ...config, development: false, allowPlaintext: true, logLevel: "silent" } });

    await server.close();

    expect(server.addresses.grpc).toContain("0.0.0.0:");
  });
});

/** The name in the certificate that a server shows. */
async function nameShown(address: string): Promise<unknown> {
  const [host, port] = address.split(":");
  const socket = connect({ host, port: Number(port), ca: pem("authority.pem"), ALPNProtocols: ["h2"] });
  try {
    await new Promise<void>((resolve, reject) => socket.once("secureConnect", () => resolve()).once("error", reject));
    return socket.getPeerCertificate().subject.CN;
  } finally {
    socket.destroy();
  }
}
