import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, it, vi } from "vitest";
import { startTestServer } from "../support/test-server.js";

const identity = (bytes: Buffer): Buffer => bytes;
const bytesOf = (field: number, value: string) => Buffer.from([(field << 3) | 2, value.length, ...Buffer.from(value)]);

const healthPath = "/grpc.health.v1.Health/Check";
const [serving, notServing] = [Buffer.from([0x08, 1]), Buffer.from([0x08, 2])];

/** One question to the reflection service, as bytes. */
function reflect(address: string, question: Buffer): Promise<Buffer> {
  const client = new Client(address, credentials.createInsecure());
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const call = client.makeBidiStreamRequest(path, identity, identity);
  return new Promise<Buffer>((resolve, reject) => {
    call.on("data", resolve);
    call.on("error", reject);
    call.write(question);
    call.end();
  }).finally(() => client.close());
}

describe("the services of a server", () => {
  it.each(["", "aldis.v1.RealtimeService"])('health of "%s" is SERVING, and NOT_SERVING once it drains', async (service) => {
    const { unary, server } = await startTestServer();
    const question = service === "" ? Buffer.alloc(0) : bytesOf(1, service);

    const before = await unary(healthPath, question);
    await server.drain();
    const after = await unary(healthPath, question);

    expect(Buffer.from(before.bytes)).toEqual(serving);
    expect(Buffer.from(after.bytes)).toEqual(notServing);
  });

  it("reflection lists the service and gives its file", async () => {
    const { address } = await startTestServer();

    const services = await reflect(address, bytesOf(7, "*"));
    const file = await reflect(address, bytesOf(4, "aldis.v1.RealtimeService"));

    expect(services.toString("latin1")).toContain("aldis.v1.RealtimeService");
    expect(file.toString("latin1")).toContain("aldis/v1/realtime_service.proto");
    expect(file.toString("latin1")).toContain("JoinChannel");
  });

  it("HTTP tells that the server lives, whether it is ready, and its figures", async () => {
    const { server, login } = await startTestServer();
    const alice = await login("alice");
    const get = async (path: string) => {
      const response = await fetch(`http://${server.addresses.http}${path}`);
      return { status: response.status, text: await response.text() };
    };

    expect(await get("/livez")).toEqual({ status: 200, text: "ok\n" });
    expect(await get("/readyz?verbose")).toMatchObject({ status: 200 });
    expect((await get("/metrics")).text).toMatch(/^aldis_sessions 1$/m);
    expect((await get("/metrics")).text).toMatch(/^aldis_logins_total\{outcome="NEW"\} 1$/m);
    expect(await get("/elsewhere")).toMatchObject({ status: 404 });
    alice.cut();
    await server.drain();
    expect(await get("/readyz")).toMatchObject({ status: 503 });
    expect(await get("/livez")).toMatchObject({ status: 200 });
  });

  it("neither HTTP nor health invites clients while the disk is full, though the process lives", async () => {
    const { server, unary } = await startTestServer({ store: "disk", minFreeBytes: Number.MAX_SAFE_INTEGER });
    const get = async (path: string) => {
      const response = await fetch(`http://${server.addresses.http}${path}`);
      return [response.status, await response.text()];
    };

    await vi.waitFor(async () => expect(await get("/readyz")).toEqual([503, "the disk is full\n"]), { timeout: 10_000 });
    const health = async () => Buffer.from((await unary(healthPath, Buffer.alloc(0))).bytes);
    await vi.waitFor(async () => expect(await health()).toEqual(notServing), { timeout: 10_000 });
    expect(await get("/livez")).toEqual([200, "ok\n"]);
  });

  it("HTTP takes no other methods", async () => {
    const { server } = await startTestServer();

    const response = await fetch(`http://${server.addresses.http}/metrics`, { method: "POST" });

    expect(response.status).toBe(405);
  });

  it("a second server on the same port fails with an error that names the address", async () => {
    const { address, server } = await startTestServer();
    const port = (of: string) => Number(of.split(":").at(-1));
    const [grpcPort, httpPort] = [port(address), port(server.addresses.http ?? "")];

    await expect(startTestServer({ grpcPort })).rejects.toThrow(`cannot listen for gRPC on 127.0.0.1:${grpcPort}`);
    await expect(startTestServer({ httpPort })).rejects.toThrow(`cannot listen for HTTP on 127.0.0.1:${httpPort}`);
  });
});
