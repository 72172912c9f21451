import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { Hello, SessionStart } from "../../gen/aldis/v1/session.js";
import { ConnectRequest } from "../../gen/aldis/v1/stream.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { queryPresence, text, toPeer } from "../support/requests.js";
import { startTestNode, testApp, testToken } from "../support/test-node.js";

const encode = (frame: ConnectRequest["frame"]) => ConnectRequest.encode({ frame }).finish();
const bytes = (...values: number[]) => Uint8Array.from(values);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
const hello = (userId: string) => Hello.create({ appId: testApp, userId, token: testToken(userId) });
const call = (receiver: string) => encode({ $case: "call", value: { callId: 1, request: toPeer(receiver, "hi") } });
const ping = encode({ $case: "ping", value: { nonce: 1 } });

/** A frame in which three letters are replaced by bytes that are no UTF-8. */
function badText(...replacement: [number, number, number]): Uint8Array {
  const frame = call("abc");
  frame.set(replacement, Buffer.from(frame).indexOf("abc"));
  return frame;
}

/** Groups within groups: a field that nobody knows, `depth` deep. */
function nested(depth: number): Uint8Array {
  return joined(new Uint8Array(depth).fill(0x53), new Uint8Array(depth).fill(0x54));
}

const maxUint64 = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

const faults: [string, Uint8Array, ErrorCode][] = [
  ["a second hello", encode({ $case: "hello", value: hello("alice") }), ErrorCode.ALREADY_LOGGED_IN],
  ["no frame at all", new Uint8Array(0), ErrorCode.INVALID_ARGUMENT],
  ["a frame that nobody knows", bytes(0x4a, 0x00), ErrorCode.INVALID_ARGUMENT],
  ["bytes that are no message", bytes(0xff, 0xff, 0xff, 0xff), ErrorCode.INVALID_ARGUMENT],
  ["a frame that is cut off", ping.subarray(0, ping.length - 1), ErrorCode.INVALID_ARGUMENT],
  ["trailing garbage", joined(ping, bytes(0x22, 0x7f, 0x01)), ErrorCode.INVALID_ARGUMENT],
  ["a length that overflows", joined(bytes(0x22), bytes(...maxUint64)), ErrorCode.INVALID_ARGUMENT],
  ["the field number 0", bytes(0x02, 0x00), ErrorCode.INVALID_ARGUMENT],
  ["groups 50,000 deep", nested(50_000), ErrorCode.INVALID_ARGUMENT],
  ["a lone surrogate", badText(0xed, 0xa0, 0x80), ErrorCode.INVALID_ARGUMENT],
  ["an overlong text", badText(0xe0, 0x80, 0xaf), ErrorCode.INVALID_ARGUMENT],
  ["a text that is no UTF-8", badText(0x61, 0xff, 0x62), ErrorCode.INVALID_ARGUMENT],
  [
    "an acknowledgement of more events than were sent",
    encode({ $case: "ack", value: { events: 1, results: 0 } }),
    ErrorCode.INVALID_ARGUMENT,
  ],
  [
    "an acknowledgement of more results than were sent",
    encode({ $case: "ack", value: { events: 0, results: 1 } }),
    ErrorCode.INVALID_ARGUMENT,
  ],
  ["a count above 2^53", joined(bytes(0x12, 0x0b, 0x08), bytes(...maxUint64)), ErrorCode.INVALID_ARGUMENT],
  ["a frame over the limit", call("x".repeat(defaultLimits.frameBytes)), ErrorCode.PAYLOAD_TOO_LARGE],
];

describe("a frame that breaks a rule", () => {
  it.each(faults)("%s ends the stream with a reason, and nobody else notices", async (_, frame, code) => {
    const { login, ask, resume } = await startTestNode();
    const [alice, bystander] = [await login("alice"), await login("bystander")];

    alice.sendBytes(frame);
    const served = await ask(bystander, queryPresence("alice"));

    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.PROTOCOL_ERROR, error: { code } });
    expect(alice.closed).toBe(true);
    expect(served).toMatchObject({ $case: "queryPresence" });
    expect([bystander.closed, bystander.events.length, bystander.controls.length]).toEqual([false, 0, 1]);
    expect((await resume(alice, "alice")).welcome.start).toBe(SessionStart.RESUMED);
  });

  it("of exactly the limit is taken", async () => {
    const { login, runtime } = await startTestNode();
    const alice = await login("alice");
    const padding = (length: number) =>
      joined(ping, bytes(0x7a, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14), new Uint8Array(length));
    const overhead = padding(100_000).length - 100_000;

    alice.sendBytes(padding(defaultLimits.frameBytes - overhead));
    await runtime.settle();

    expect(alice.controls.at(-1)).toMatchObject({ $case: "pong" });
  });

  it("an acknowledgement of less than before changes nothing", async () => {
    const { login, ask } = await startTestNode();
    const alice = await login("alice");
    await ask(alice, queryPresence("alice"));
    alice.acknowledge();

    alice.acknowledge({ results: 0 });

    expect(await ask(alice, queryPresence("alice"))).toMatchObject({ $case: "queryPresence" });
  });
});

describe("a stream before its welcome", () => {
  it.each([
    ["a call", call("bob"), ErrorCode.NOT_LOGGED_IN],
    ["a ping", ping, ErrorCode.NOT_LOGGED_IN],
    ["an acknowledgement", encode({ $case: "ack", value: { events: 0, results: 0 } }), ErrorCode.NOT_LOGGED_IN],
    ["bytes that are no message", bytes(0xff), ErrorCode.INVALID_ARGUMENT],
    ["nothing", new Uint8Array(0), ErrorCode.INVALID_ARGUMENT],
    ["a frame over the limit", new Uint8Array(defaultLimits.frameBytes + 1), ErrorCode.PAYLOAD_TOO_LARGE],
  ])("that begins with %s ends with a reason", async (_, frame, code) => {
    const { connect, runtime } = await startTestNode();
    const stranger = connect();

    stranger.sendBytes(frame);
    await runtime.settle();

    expect(stranger.goodbye).toMatchObject({ reason: GoodbyeReason.PROTOCOL_ERROR, error: { code } });
    expect(stranger.closed).toBe(true);
  });

  it("may have calls behind the hello, which are answered behind the welcome in their order", async () => {
    const { connect, runtime } = await startTestNode();
    const alice = connect();

    alice.hello(hello("alice"));
    const calls = [alice.call(queryPresence("alice")), alice.call(queryPresence("bob"))];
    await runtime.settle();

    expect(alice.frames[0]?.control?.$case).toBe("welcome");
    expect(alice.results.map(({ callId }) => callId)).toEqual(calls);
  });

  it("ends with RATE_LIMITED when more comes than a session may have open", async () => {
    const { connect, runtime } = await startTestNode({ callsInFlight: 4 });
    const alice = connect();

    alice.hello(hello("alice"));
    for (let i = 0; i < 5; i += 1) alice.ping();
    await runtime.settle();

    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.PROTOCOL_ERROR, error: { code: ErrorCode.RATE_LIMITED } });
    expect(alice.closed).toBe(true);
  });

  it("that is cut during the login leaves a session to resume or replace, and no more", async () => {
    const { connect, runtime, login } = await startTestNode();
    const alice = connect();

    alice.hello(hello("alice"));
    alice.cut();
    await runtime.settle();
    const again = await login("alice");

    expect(again.welcome.start).toBe(SessionStart.NEW);
    expect(again.closed).toBe(false);
  });
});

const refusedHellos: [string, Partial<Hello>, ErrorCode][] = [
  ["no user", { userId: "" }, ErrorCode.INVALID_USER_ID],
  ["a user id of 129 bytes", { userId: "x".repeat(129) }, ErrorCode.INVALID_USER_ID],
  ["a user id with a control character", { userId: "al\u0007ice" }, ErrorCode.INVALID_USER_ID],
  ["a user id that turns the writing round", { userId: "al\u202eice" }, ErrorCode.INVALID_USER_ID],
  ["a user id that is not in normal form C", { userId: "ame\u0301lie" }, ErrorCode.INVALID_USER_ID],
  ["no app", { appId: "" }, ErrorCode.INVALID_APP_ID],
  ["an app that is not served here", { appId: "other" }, ErrorCode.INVALID_APP_ID],
  ["an app id of 10,000 bytes", { appId: "x".repeat(10_000) }, ErrorCode.INVALID_APP_ID],
  ["no token", { token: "" }, ErrorCode.INVALID_TOKEN],
  ["a token that is none", { token: "?" }, ErrorCode.INVALID_TOKEN],
  ["a token of another user", { token: testToken("bob") }, ErrorCode.INVALID_TOKEN],
  ["a token of another app", { token: testToken("alice", 0, {}, "other") }, ErrorCode.INVALID_TOKEN],
  ["a token that has expired", { token: testToken("alice", 1) }, ErrorCode.TOKEN_EXPIRED],
  ["a token of 4,097 bytes", { token: "x".repeat(4_097) }, ErrorCode.PAYLOAD_TOO_LARGE],
  ["a device label with a line break", { deviceLabel: "a\nb" }, ErrorCode.INVALID_ARGUMENT],
  [
    "a resume without a secret",
    { resume: { sessionId: "s", resumeToken: "", eventsReceived: 0, resultsReceived: 0 } },
    ErrorCode.INVALID_ARGUMENT,
  ],
];

describe("a hello that is refused", () => {
  it.each(refusedHellos)("with %s ends with LOGIN_REFUSED and the code", async (_, more, code) => {
    const { login } = await startTestNode();
    const bystander = await login("bystander");

    const alice = await login("alice", { token: testToken("alice"), ...more });

    expect(alice.goodbye).toMatchObject({ reason: GoodbyeReason.LOGIN_REFUSED, error: { code } });
    expect(alice.closed).toBe(true);
    expect(bystander.controls).toHaveLength(1);
  });

  it("says nothing of the token", async () => {
    const { login } = await startTestNode();

    const alice = await login("alice", { token: testToken("secret-user") });

    expect(JSON.stringify(alice.goodbye)).not.toContain("secret-user");
  });

  it("leaves the session that the user has as it is", async () => {
    const { login, ask } = await startTestNode();
    const alice = await login("alice");

    await login("alice", { token: testToken("bob") });

    expect(await ask(alice, toPeer("nobody", "hi", { payload: text("hi") }))).toMatchObject({ $case: "error" });
    expect(alice.closed).toBe(false);
  });
});
