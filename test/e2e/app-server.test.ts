import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createSecureContext } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { createClient } from "../../src/client/index.js";
import { codeOf } from "../support/scripted-client.js";
import { startTestServer } from "../support/test-server.js";
import { pem } from "../support/tls-files.js";

interface Posted {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** An application server on loopback that answers as it is told. */
async function startAppServer(answer: (response: ServerResponse, posted: Posted) => void) {
  const posts: Posted[] = [];
  const server = createServer((request, response) => {
    buffer(request).then((bytes) => {
      const posted = { request, body: bytes.toString() };
      posts.push(posted);
      answer(response, posted);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { posts, port: (server.address() as AddressInfo).port };
}

/** A user of a server that may call hosts on this machine. */
async function startUser(config: { appServerHosts?: string[]; appServerNetworks?: string[]; limits?: object } = {}) {
  const { limits, ...rest } = config;
  const { server, address } = await startTestServer({
    appServerHosts: ["127.0.0.1:*", "localhost:*"],
    appServerNetworks: ["127.0.0.1", "::1"],
    limits: { ...defaultLimits, ...limits },
    ...rest,
  });
  const token = await server.issueToken({ userId: "ann" });
  const client = createClient({ address, appId: server.appId, userId: "ann", token });
  onTestFinished(() => client.close());
  await client.login();
  return client;
}

const ok = (response: ServerResponse) => response.end("received");

describe("the application server", () => {
  it("gets the message, the signature and nothing of the user, and its reply comes back", async () => {
    const appServer = await startAppServer(ok);
    const ann = await startUser();
    await ann.appServer.set(`http://127.0.0.1:${appServer.port}/hook?a=1`, "signed");

    const reply = await ann.appServer.send("hello");

    expect(Buffer.from(reply).toString()).toBe("received");
    const [post] = appServer.posts;
    expect(JSON.parse(post?.body ?? "")).toEqual({ message: "hello", binary: false, signature: "signed" });
    expect(post?.request.method).toBe("POST");
    expect(post?.request.url).toBe("/hook?a=1");
    expect(Object.keys(post?.request.headers ?? {}).sort()).toEqual(["connection", "content-length", "content-type", "host"]);
  });

  it("is found by its name, which stays in the header Host", async () => {
    const appServer = await startAppServer(ok);
    const ann = await startUser();
    await ann.appServer.set(`http://localhost:${appServer.port}/`);

    await ann.appServer.send(Uint8Array.of(1, 2, 3));

    expect(appServer.posts[0]?.request.headers.host).toBe(`localhost:${appServer.port}`);
    expect(JSON.parse(appServer.posts[0]?.body ?? "")).toEqual({ message: "AQID", binary: true, signature: "" });
  });

  it("is not followed elsewhere: a redirect is a bad reply", async () => {
    const inside = await startAppServer(ok);
    const redirecting = await startAppServer((response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/` }).end();
    });
    const ann = await startUser();
    await ann.appServer.set(`http://127.0.0.1:${redirecting.port}/`);

    expect(await codeOf(ann.appServer.send("hello"))).toBe("APP_SERVER_BAD_REPLY");
    expect(inside.posts).toEqual([]);
  });

  it.each([
    ["closes the connection", (response: ServerResponse) => void response.destroy(), "APP_SERVER_UNREACHABLE"],
    [
      "closes it in the middle of the answer",
      (response: ServerResponse) => void response.write("a", () => response.destroy()),
      "APP_SERVER_UNREACHABLE",
    ],
    [
      "changes the protocol",
      (response: ServerResponse) =>
        void response.socket?.end("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
      "APP_SERVER_UNREACHABLE",
    ],
    ["answers without end", (response: ServerResponse) => void response.write("a"), "APP_SERVER_UNREACHABLE"],
    ["answers with too much", (response: ServerResponse) => void response.end("x".repeat(65_537)), "APP_SERVER_BAD_REPLY"],
    ["answers with 500", (response: ServerResponse) => void response.writeHead(500).end("sorry"), "APP_SERVER_BAD_REPLY"],
  ])("that %s makes the send fail", async (_, answer, code) => {
    const appServer = await startAppServer(answer);
    const ann = await startUser({ limits: { appServerTimeoutMs: 300 } });
    await ann.appServer.set(`http://127.0.0.1:${appServer.port}/`);

    expect(await codeOf(ann.appServer.send("hello"))).toBe(code);
    expect(appServer.posts).toHaveLength(1);
  });

  it("is called with its name over TLS, and gets nothing if nobody trusts its certificate", async () => {
    const names: string[] = [];
    const posts: unknown[] = [];
    const certificate = { key: pem("server.key"), cert: pem("server.pem") };
    const server = createHttpsServer(
      {
        ...certificate,
        SNICallback: (name, use) => use(null, names.push(name) > 0 ? createSecureContext(certificate) : undefined),
      },
      (request) => posts.push(request),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const ann = await startUser();
    await ann.appServer.set(`https://localhost:${(server.address() as AddressInfo).port}/`);

    expect(await codeOf(ann.appServer.send("hello"))).toBe("APP_SERVER_UNREACHABLE");
    expect(names).toEqual(["localhost"]);
    expect(posts).toEqual([]);
  });

  it("on this machine is refused unless its network is opened, also behind an allowed name", async () => {
    const appServer = await startAppServer(ok);
    const ann = await startUser({ appServerNetworks: [] });

    await ann.appServer.set(`http://localhost:${appServer.port}/`);

    expect(await codeOf(ann.appServer.send("hello"))).toBe("APP_SERVER_NOT_ALLOWED");
    expect(appServer.posts).toEqual([]);
  });

  it("is nobody where the operator allows no host", async () => {
    const ann = await startUser({ appServerHosts: [] });

    expect(await codeOf(ann.appServer.set("https://example.com/"))).toBe("APP_SERVER_NOT_ALLOWED");
  });
});
