// What the gRPC edge does with connections and requests of strangers, over real sockets.
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { defaultLimits, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import { createServer } from "../../src/server/index.js";

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server that trusts nobody, and its port. */
async function start(limits: Partial<Limits>): Promise<number> {
  const config = { grpcPort: 0, allowNoToken: true, store: "memory" as const, trustedNetworks: [] };
  const server = await createServer({ config: { ...config, limits: { ...defaultLimits, ...limits } } });
  open.push(() => server.close());
  return Number(server.addresses.grpc?.split(":").at(-1));
}

function connectTo(port: number) {
  const socket = connect(port, "127.0.0.1");
  // Whoever does not read does not see the end.
  socket.resume().on("error", () => {});
  open.push(() => socket.destroy());
  return socket;
}

function sessionWith(port: number) {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  open.push(() => session.destroy());
  return session;
}

const unary = {
  ":method": "POST",
  ":path": "/aldis.v1.RealtimeService/Logout",
  "content-type": "application/grpc",
  te: "trailers",
};

describe("a stranger", () => {
  it("has as many connections as its address may, and the next one is closed", async () => {
    const port = await start({ addressConnections: 1 });
    await once(connectTo(port), "connect");

    const refused = connectTo(port);

    await once(refused, "close");
    expect(refused.bytesRead).toBe(0);
  });

  it("that connects and asks for nothing is cut", async () => {
    const port = await start({ helloTimeoutMs: 100 });
    const silent = connectTo(port);

    await once(silent, "close");

    expect(silent.destroyed).toBe(true);
  });

  it("whose unary call does not come whole gets TIMEOUT", async () => {
    const port = await start({ helloTimeoutMs: 100 });
    const stream = sessionWith(port).request(unary);

    const [headers] = await once(stream, "response");

    expect(headers["grpc-status"]).toBe("4");
    stream.close();
  });

  it("that asks too much is cut, also if it asks for what there is not", async () => {
    const port = await start({ addressRequests: 3 });
    const session = sessionWith(port);

    for (let i = 0; i < 4; i += 1) session.request({ ...unary, ":path": "/nothing" }).on("error", () => {});

    await once(session, "close");
    expect(session.destroyed).toBe(true);
  });

  it("that begins requests and gives them up is cut", async () => {
    const port = await start({ addressResets: 3 });
    const session = sessionWith(port);
    const streams = Array.from({ length: 10 }, () => session.request(unary));
    for (const stream of streams) stream.on("error", () => {});
    await once(session, "connect");
    // The answer says that the requests in front of it have come.
    await new Promise((resolve) => session.ping(resolve));

    for (const stream of streams) stream.close(8);

    await once(session, "close");
    expect(session.destroyed).toBe(true);
  });
});
