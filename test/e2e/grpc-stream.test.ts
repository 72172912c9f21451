import { once } from "node:events";
import { Client, compressionAlgorithms, credentials, Metadata } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { DeliveryOutcome, SendConfirmation } from "../../gen/aldis/v1/message.js";
import { Hello, SessionStart } from "../../gen/aldis/v1/session.js";
import { ConnectRequest, ConnectResponse } from "../../gen/aldis/v1/stream.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { RawClient } from "../support/raw-client.js";
import { join, logout, queryPresence, saidIn, text, toChannel, toPeer } from "../support/requests.js";
import { startTestServer } from "../support/test-server.js";

const resumeOf = ({ welcome, received }: RawClient) => ({
  resume: {
    sessionId: welcome.sessionId,
    resumeToken: welcome.resumeToken,
    eventsReceived: received.events,
    resultsReceived: received.results,
  },
});

describe("the stream over gRPC", () => {
  it("logs in, carries a message, and brings its receipt", async () => {
    const { login } = await startTestServer();
    const [alice, bob] = [await login("alice"), await login("bob")];

    const call = alice.call(toPeer("bob", "hi"));
    await bob.until(() => bob.events.length > 0);
    bob.acknowledge();
    await alice.until(() => alice.results.length > 0);

    expect(saidIn(bob.events)).toEqual(["hi"]);
    expect(alice.resultOf(call)).toMatchObject({ value: { outcome: DeliveryOutcome.DELIVERED } });
  });

  it("refuses a login with a reason and ends", async () => {
    const { login } = await startTestServer();

    const alice = await login("alice", { token: "none" });
    await alice.until(() => alice.closed);

    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.LOGIN_REFUSED, error: { code: ErrorCode.INVALID_TOKEN } });
  });

  it("carries a thousand messages of a channel in order", async () => {
    const room = { callsInFlight: 4_096, replayEvents: 5_000, frames: 5_000 };
    const limits = { ...defaultLimits, channelSends: 5_000, oneChannelSends: 5_000, ...room };
    const { login, ask } = await startTestServer({ limits });
    const [alice, bob] = [await login("alice"), await login("bob")];
    for (const client of [alice, bob]) await ask(client, join("room"));

    const said = Array.from({ length: 1_000 }, (_, i) => `${i}`);
    for (const each of said) alice.call(toChannel("room", each));
    await bob.until(() => saidIn(bob.events).at(-1) === "999");

    expect(saidIn(bob.events)).toEqual(said);
  });

  it.each([
    ["gzip", compressionAlgorithms.gzip],
    ["deflate", compressionAlgorithms.deflate],
  ])("reads a client that compresses with %s", async (_, algorithm) => {
    const { server, address } = await startTestServer();
    const client = new Client(address, credentials.createInsecure(), { "grpc.default_compression_algorithm": algorithm });
    onTestFinished(() => client.close());
    const bytes = (value: Buffer) => value;
    const stream = client.makeBidiStreamRequest("/aldis.v1.RealtimeService/Connect", bytes, bytes, new Metadata(), {});
    stream.on("error", () => {});
    const token = await server.issueToken({ userId: "alice" });
    const hello = Hello.create({ appId: server.appId, userId: "alice", token, clientName: "x".repeat(100) });

    stream.write(Buffer.from(ConnectRequest.encode({ frame: { $case: "hello", value: hello } }).finish()));
    const [answer] = (await once(stream, "data")) as [Buffer];

    expect(ConnectResponse.decode(answer).control).toMatchObject({ $case: "welcome" });
    stream.cancel();
  });

  it("is cut and resumed, and what was lost is played again", async () => {
    const { login, ask } = await startTestServer();
    const [alice, bob] = [await login("alice"), await login("bob")];
    await ask(alice, toPeer("bob", "one", { confirmation: SendConfirmation.ACCEPTED }));
    await bob.until(() => bob.events.length === 1);

    bob.cut();
    await ask(alice, toPeer("bob", "two", { confirmation: SendConfirmation.ACCEPTED }));
    const again = await login("bob", resumeOf(bob), bob.latestCallId);
    await again.until(() => again.events.length > 0);

    expect(again.welcome.start).toBe(SessionStart.RESUMED);
    expect(saidIn(again.events)).toEqual(["two"]);
  });

  it("ends with REMOTE_LOGIN when the user logs in elsewhere", async () => {
    const { login } = await startTestServer();
    const older = await login("alice");

    const newer = await login("alice");
    await older.until(() => older.closed);

    expect(older.goodbye).toMatchObject({ reason: GoodbyeReason.REMOTE_LOGIN });
    expect(newer.closed).toBe(false);
  });

  it("ends behind the answer to a logout", async () => {
    const { login, ask } = await startTestServer();
    const alice = await login("alice");

    const outcome = await ask(alice, logout());
    await alice.until(() => alice.closed);

    expect(outcome).toEqual({ $case: "logout", value: {} });
    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.LOGOUT });
  });

  it("ends with a reason at a frame a little over the limit, and without one far over it; both leave the session", async () => {
    const { login, ask } = await startTestServer();
    const bystander = await login("bystander");
    const [little, far] = [await login("little"), await login("far")];

    little.sendBytes(new Uint8Array(defaultLimits.frameBytes + 1));
    far.call(toPeer("bystander", "", { payload: text("x".repeat(200 * 1024)) }));
    for (const client of [little, far]) await client.until(() => client.closed);

    expect(little.goodbye).toMatchObject({
      reason: GoodbyeReason.PROTOCOL_ERROR,
      error: { code: ErrorCode.PAYLOAD_TOO_LARGE },
    });
    expect(far.goodbye).toBeUndefined();
    expect((await login("far", resumeOf(far))).welcome.start).toBe(SessionStart.RESUMED);
    expect(await ask(bystander, queryPresence("far"))).toMatchObject({ $case: "queryPresence" });
    expect(bystander.events).toEqual([]);
  });

  it("a server that drains says so and ends the streams at the deadline", async () => {
    const { login, server } = await startTestServer({ limits: { ...defaultLimits, drainMs: 200 } });
    const alice = await login("alice");

    await Promise.all([server.drain(), alice.until(() => alice.closed)]);

    expect(alice.controls.map(({ $case }) => $case)).toEqual(["welcome", "drain", "goodbye"]);
    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.SERVER_DRAINING });
  });

  it("a server that closes cuts its streams", async () => {
    const { login, server } = await startTestServer();
    const alice = await login("alice");

    await server.close();
    await alice.until(() => alice.closed);

    expect(alice.goodbye).toBeUndefined();
  });
});
