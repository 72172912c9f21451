import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { TcpProxy } from "../../support/tcp-proxy.js";

/** A server that sends back what it hears, behind its name. */
async function startEcho(name: string): Promise<{ host: string; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (bytes) => socket.write(`${name}${bytes}`));
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

async function startProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(target);
  onTestFinished(() => proxy.stop());
  return proxy;
}

function open(proxy: TcpProxy) {
  const socket = connect({ host: "127.0.0.1", port: proxy.port });
  onTestFinished(() => void socket.destroy());
  const link = { socket, heard: "", closed: false };
  socket.on("data", (bytes) => {
    link.heard += `${bytes}`;
  });
  socket.on("close", () => {
    link.closed = true;
  });
  socket.on("error", () => {});
  return link;
}

const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000 });

it("leads to its target, and after a change to the other one", async () => {
  const [first, second] = [await startEcho("a"), await startEcho("b")];
  const proxy = await startProxy(first);
  const link = open(proxy);
  link.socket.write("1");
  await until(() => link.heard === "a1");
  proxy.pointTo(second);
  await until(() => link.closed);
  const next = open(proxy);
  next.socket.write("2");
  await until(() => next.heard === "b2");
});

it("is cut until it is restored", async () => {
  const proxy = await startProxy(await startEcho("a"));
  const link = open(proxy);
  link.socket.write("1");
  await until(() => link.heard === "a1");
  proxy.cut();
  await until(() => link.closed);
  const refused = open(proxy);
  await until(() => refused.closed);
  proxy.restore();
  const next = open(proxy);
  next.socket.write("2");
  await until(() => next.heard === "a2");
});

it("keeps what comes while it is stalled", async () => {
  const proxy = await startProxy(await startEcho("a"));
  const link = open(proxy);
  link.socket.write("1");
  await until(() => link.heard === "a1");
  proxy.stall();
  link.socket.write("2");
  const late = open(proxy);
  late.socket.write("3");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([link.heard, late.heard]).toEqual(["a1", ""]);
  proxy.restore();
  await until(() => link.heard === "a1a2" && late.heard === "a3");
});

it("delays without mixing up the order", async () => {
  const proxy = await startProxy(await startEcho(""));
  const link = open(proxy);
  const started = performance.now();
  proxy.delay(60);
  link.socket.write("1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  proxy.delay(0);
  link.socket.write("2");
  await until(() => link.heard.length === 2);
  expect(link.heard).toBe("12");
  expect(performance.now() - started).toBeGreaterThanOrEqual(59);
});
