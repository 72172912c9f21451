// The trace of a client goes on in the spans of a real server.
import { once } from "node:events";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { expect, it, onTestFinished } from "vitest";
import { QueryPresenceRequest } from "../../gen/aldis/v1/presence.js";
import { ConnectRequest } from "../../gen/aldis/v1/stream.js";
import { startTestServer } from "../support/test-server.js";
import { installTracing } from "../support/tracing.js";

const bytes = (message: Uint8Array): Buffer => Buffer.from(message);
const asTheyAre = (message: Buffer): Buffer => message;

it("unary calls and the login of a stream hang from the trace that the metadata tell, and from none without it", async () => {
  const spans = installTracing();
  const { server, address, unary } = await startTestServer();
  const token = await server.issueToken({ userId: "alice" });
  const authorization = `Bearer ${token}`;
  const path = "/aldis.v1.RealtimeService/QueryPresence";
  const request = QueryPresenceRequest.encode(QueryPresenceRequest.create({ userIds: ["bob"] })).finish();

  await unary(path, request, { authorization, traceparent: "00-unary", tracestate: "vendor=1" });
  await unary(path, request, { authorization });
  const metadata = new Metadata();
  metadata.set("traceparent", "00-stream");
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const stream = client.makeBidiStreamRequest("/aldis.v1.RealtimeService/Connect", bytes, asTheyAre, metadata);
  stream.on("error", () => {});
  const hello = { $case: "hello" as const, value: { appId: server.appId, userId: "alice", token } };
  stream.write(ConnectRequest.encode(ConnectRequest.create({ frame: hello })).finish());
  await once(stream, "data");
  stream.cancel();

  expect(spans).toEqual([
    { name: "QueryPresence", parent: ["00-unary", "vendor=1"] },
    { name: "QueryPresence", parent: undefined },
    { name: "Login", parent: ["00-stream", ""] },
  ]);
});
