import { status } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import type { Call, CallResult } from "../../gen/aldis/v1/stream.js";
import { descriptorSet } from "../../gen/aldis/v1/tables/descriptors.js";
import { errorTable } from "../../gen/aldis/v1/tables/errors.js";
import { operationNames, operations } from "../../gen/aldis/v1/tables/operations.js";
import type { RawClient } from "../support/raw-client.js";
import * as requests from "../support/requests.js";
import { startTestServer, type TestServer, type UnaryOutcome } from "../support/test-server.js";

const { checkMembership, countMembers, join, leave, listMembers, logout, queryPresence, readHistory, toChannel, toPeer } =
  requests;

type Request = NonNullable<Call["request"]>;

const presencePath = operations.queryPresence.path;
const presenceOfAlice = operations.queryPresence.request.encode(queryPresence("alice").value).finish();

/** The metadata of a user's calls, with its session if there is one. */
async function metadataOf({ server }: TestServer, userId: string, client?: RawClient): Promise<Record<string, string>> {
  const authorization = `Bearer ${await server.issueToken({ userId })}`;
  return client === undefined ? { authorization } : { authorization, "aldis-session-id": client.welcome.sessionId };
}

/** Calls through the unary door, and gives the answer in the form that the stream's has. */
async function askUnary(test: TestServer, request: Request, metadata: Record<string, string>): Promise<CallResult["outcome"]> {
  const { path, request: requestType, response } = operations[request.$case];
  const encoded = (requestType as { encode(value: unknown): { finish(): Uint8Array } }).encode(request.value).finish();
  const { code, bytes, error } = await test.unary(path, encoded, metadata);
  if (error !== undefined) {
    expect(code).toBe(errorTable[error.code].grpcStatus);
    return { $case: "error", value: error };
  }
  expect(code).toBe(status.OK);
  return { $case: request.$case, value: response.decode(bytes) } as CallResult["outcome"];
}

/** An answer without what is different each time: ids, times, and whose it is. */
function comparable(outcome: CallResult["outcome"], userId: string): string {
  const volatile = new Set(["epoch", "serverTimeMs", "messageId", "version"]);
  return JSON.stringify(outcome, (key, value) => (volatile.has(key) ? undefined : value)).replaceAll(userId, "USER");
}

const calls: [string, (userId: string) => Request][] = [
  ["a presence query", (userId) => queryPresence(userId, "nobody")],
  ["a presence query of nobody", () => queryPresence()],
  ["a message to somebody who is away", () => toPeer("nobody", "hi")],
  ["a message to an ill-formed user", () => toPeer("a\u0000b", "hi")],
  ["a message over the limit", () => toPeer("nobody", "x".repeat(65_537))],
  ["a join", (userId) => join(`room-${userId}`, { include: [1] })],
  ["a second join", (userId) => join(`room-${userId}`)],
  ["a message to a channel", (userId) => toChannel(`room-${userId}`, "hi")],
  ["a message to a channel that was not joined", () => toChannel("elsewhere", "hi")],
  ["a list of members", (userId) => listMembers(`room-${userId}`)],
  ["a membership check", (userId) => checkMembership(`room-${userId}`, userId)],
  ["a count of members", (userId) => countMembers(`room-${userId}`, "elsewhere")],
  ["a count above the rate", () => countMembers("elsewhere")],
  ["history", (userId) => readHistory(`room-${userId}`)],
  ["a leave", (userId) => leave(`room-${userId}`)],
  ["an operation that is not offered", () => ({ $case: "setAppServer", value: { url: "https://example.org", signature: "" } })],
];

describe("two doors, one room", () => {
  it("every call is answered alike on the stream and as a unary call", async () => {
    const test = await startTestServer({ nodeId: "node" });
    const [left, right] = [await test.login("left"), await test.login("right")];
    const metadata = await metadataOf(test, "right", right);

    for (const [name, request] of calls) {
      const streamed = await test.ask(left, request("left"));
      const unary = await askUnary(test, request("right"), metadata);
      const withoutDelay = (text: string) => text.replace(/"retryAfterMs":[1-9]\d*/, '"retryAfterMs":"some"');
      expect([name, withoutDelay(comparable(unary, "right"))]).toEqual([name, withoutDelay(comparable(streamed, "left"))]);
    }
  });

  it("the methods of the service are the cases of a call, and each is served", async () => {
    const { unary } = await startTestServer();
    const definition = loadFileDescriptorSetFromBuffer(Buffer.from(descriptorSet, "base64"));
    const service = Object.values(definition["aldis.v1.RealtimeService"] ?? {}) as { path: string; originalName: string }[];
    const methods = service.filter(({ path }) => !path.endsWith("/Connect"));

    const answers = await Promise.all(methods.map(({ path }) => unary(path, new Uint8Array(0))));

    expect(methods.map(({ path }) => path).sort()).toEqual(operationNames.map((name) => operations[name].path).sort());
    expect(methods.map(({ originalName }) => originalName).sort()).toEqual([...operationNames].sort());
    expect(answers.map(({ error }) => error?.code)).toEqual(methods.map(() => ErrorCode.INVALID_TOKEN));
  });

  it("what joins through the unary door hears the channel on its stream", async () => {
    const test = await startTestServer();
    const [alice, bob] = [await test.login("alice"), await test.login("bob")];
    await test.ask(bob, join("room"));

    await askUnary(test, join("room"), await metadataOf(test, "alice", alice));
    await test.ask(bob, toChannel("room", "hi"));
    await alice.until(() => alice.events.length > 0);

    expect(requests.saidIn(alice.events)).toEqual(["hi"]);
  });

  it("a unary logout ends the stream of its session", async () => {
    const test = await startTestServer();
    const alice = await test.login("alice");

    const outcome = await askUnary(test, logout(), await metadataOf(test, "alice", alice));
    await alice.until(() => alice.closed);

    expect(outcome).toEqual({ $case: "logout", value: {} });
    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.LOGOUT });
  });

  it("a message to a user is sent without a session of one's own", async () => {
    const test = await startTestServer();
    const bob = await test.login("bob");

    const sent = askUnary(test, toPeer("bob", "hi"), await metadataOf(test, "alice"));
    await bob.until(() => bob.events.length > 0);
    bob.acknowledge();

    expect(await sent).toMatchObject({ $case: "sendPeerMessage" });
    expect(bob.events).toMatchObject([{ value: { sender: "alice" } }]);
  });
});

describe("metadata of unary calls", () => {
  const refused = { code: status.UNAUTHENTICATED, error: { code: ErrorCode.INVALID_TOKEN } };
  const callWith = (test: TestServer, metadata: Record<string, string | string[]>): Promise<UnaryOutcome> =>
    test.unary(presencePath, presenceOfAlice, metadata);

  it("must hold a bearer token; its scheme may be written in small letters", async () => {
    const test = await startTestServer();
    const { authorization = "" } = await metadataOf(test, "alice");

    expect(await callWith(test, {})).toMatchObject(refused);
    expect(await callWith(test, { authorization: authorization.slice("Bearer ".length) })).toMatchObject(refused);
    expect(await callWith(test, { authorization: authorization.replace("Bearer", "Basic") })).toMatchObject(refused);
    expect(await callWith(test, { authorization: `${authorization}x` })).toMatchObject(refused);
    expect(await callWith(test, { authorization: `${authorization}, ${authorization}` })).toMatchObject(refused);
    expect(await callWith(test, { authorization: authorization.replace("Bearer", "bearer") })).toMatchObject({
      code: status.OK,
    });
  });

  it("may name the own session only, and one: all others are answered alike", async () => {
    const test = await startTestServer();
    const [alice, bob] = [await test.login("alice"), await test.login("bob")];
    const metadata = await metadataOf(test, "alice", alice);
    const [own, others] = [alice.welcome.sessionId, bob.welcome.sessionId];

    const good = await callWith(test, metadata);
    const bad = await Promise.all(
      [others, "unknown", "", [own, own]].map((id) => callWith(test, { ...metadata, "aldis-session-id": id })),
    );

    expect(good.code).toBe(status.OK);
    expect(bad.map(({ code, error }) => [code, error?.code])).toEqual(
      bad.map(() => [status.UNAUTHENTICATED, ErrorCode.NOT_LOGGED_IN]),
    );
    expect(new Set(bad.map(({ error }) => error?.message)).size).toBe(1);
  });

  it("must name the session for what belongs to one", async () => {
    const test = await startTestServer();

    const outcome = await askUnary(test, join("room"), await metadataOf(test, "alice"));

    expect(outcome).toMatchObject({ $case: "error", value: { code: ErrorCode.NOT_LOGGED_IN } });
  });
});

describe("failures of unary calls", () => {
  it("have a google.rpc.Status with the whole error in the trailer", async () => {
    const test = await startTestServer();
    const request = operations.sendPeerMessage.request.encode(toPeer("x".repeat(129), "hi").value).finish();

    const {
      code,
      status: rpc,
      error,
    } = await test.unary(operations.sendPeerMessage.path, request, await metadataOf(test, "alice"));

    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(rpc).toMatchObject({
      code,
      message: error?.message,
      details: [{ typeUrl: "type.googleapis.com/aldis.v1.ErrorDetail" }],
    });
    expect(error).toMatchObject({
      code: ErrorCode.INVALID_USER_ID,
      field: "receiver",
      limit: "LIMIT_USER_ID_BYTES",
      limitValue: 128,
    });
  });

  it("also for bytes that are no request, and for too many of them", async () => {
    const test = await startTestServer();
    const metadata = await metadataOf(test, "alice");

    const garbage = await test.unary(presencePath, Uint8Array.from([0xff, 0xff]), metadata);
    const badText = await test.unary(presencePath, Uint8Array.from([0x0a, 0x01, 0xff]), metadata);
    const overLimit = await test.unary(presencePath, new Uint8Array(131_073), metadata);
    const farOver = await test.unary(presencePath, new Uint8Array(1_000_000), metadata);

    expect([garbage, badText].map(({ code, error }) => [code, error?.code])).toEqual([
      [status.INVALID_ARGUMENT, ErrorCode.INVALID_ARGUMENT],
      [status.INVALID_ARGUMENT, ErrorCode.INVALID_ARGUMENT],
    ]);
    expect(overLimit).toMatchObject({
      code: status.INVALID_ARGUMENT,
      error: { code: ErrorCode.PAYLOAD_TOO_LARGE, limit: "LIMIT_FRAME_BYTES" },
    });
    expect(farOver.code).toBe(status.RESOURCE_EXHAUSTED);
  });

  it("of a method that the service does not have is gRPC's own UNIMPLEMENTED", async () => {
    const { unary } = await startTestServer();

    const outcome = await unary("/aldis.v1.RealtimeService/Nothing", new Uint8Array(0));

    expect(outcome).toMatchObject({ code: status.UNIMPLEMENTED, error: undefined });
  });
});
