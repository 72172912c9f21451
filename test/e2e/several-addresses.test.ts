// A client that knows several servers.
import { expect, it, onTestFinished, vi } from "vitest";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { type AldisClient, ConnectionState, createClient } from "../../src/client/index.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { startTestServer, type TestServer } from "../support/test-server.js";

const eventually = (expectation: () => void) => vi.waitFor(expectation, { timeout: 20_000, interval: 5 });

function createWanderer(servers: readonly Pick<TestServer, "address">[], { server }: TestServer, firstAddress?: number) {
  const client = createClient({
    address: servers.map(({ address }) => address),
    firstAddress,
    appId: server.appId,
    userId: "alice",
    token: () => server.issueToken({ userId: "alice" }),
  });
  onTestFinished(() => client.close());
  const starts: SessionStart[] = [];
  client.on("sessionStarted", ({ start }) => starts.push(start));
  return { client, starts };
}

/** Whether the session is on this server. */
const isWith = async (server: TestServer) =>
  (await fetch(`http://${server.server.addresses.http}/metrics`).then((response) => response.text())).includes(
    "\naldis_sessions_attached 1\n",
  );

async function expectWith(client: AldisClient, server: TestServer) {
  await eventually(() => expect(client.state).toBe(ConnectionState.CONNECTED));
  await vi.waitFor(async () => expect(await isWith(server)).toBe(true), { timeout: 20_000 });
}

it("moves on where nobody answers, and to another server when its own dies", async () => {
  const [gone, first, second] = [await startTestServer(), await startTestServer(), await startTestServer()];
  await gone.server.close();
  const { client, starts } = createWanderer([gone, first, second], second, 0);

  await client.login({ timeoutMs: 20_000 });
  await expectWith(client, first);
  await first.server.close();

  await eventually(() => expect(starts).toEqual([SessionStart.NEW, SessionStart.EXPIRED]));
  await expectWith(client, second);
});

it("comes back to the server that has its session when the way to it was broken", async () => {
  const [first, second] = [await startTestServer(), await startTestServer()];
  const [host = "", port] = first.address.split(":");
  const proxy = await TcpProxy.start({ host, port: Number(port) });
  onTestFinished(() => proxy.stop());
  const { client, starts } = createWanderer([{ address: `127.0.0.1:${proxy.port}` }, second], first, 0);

  await client.login();
  proxy.pointTo({ host, port: Number(port) });

  await eventually(() => expect(starts).toEqual([SessionStart.NEW, SessionStart.RESUMED]));
  await expectWith(client, first);
});

it("leaves a server that shuts down for another one", async () => {
  const limits = { ...defaultLimits, drainMs: 2000 };
  const [first, second] = [await startTestServer({ limits }), await startTestServer()];
  const { client } = createWanderer([first, second], second, 0);

  await client.login();
  await first.server.drain();

  await expectWith(client, second);
});
