import { describe, expect, it } from "vitest";
import type { ErrorDetail } from "../../gen/aldis/v1/error.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { Payload } from "../../gen/aldis/v1/message.js";
import { Capability } from "../../gen/aldis/v1/session.js";
import { type Call, ConnectRequest } from "../../gen/aldis/v1/stream.js";
import { defaultLimits, type LimitName, limitTable } from "../../gen/aldis/v1/tables/limits.js";
import { type OperationName, operationNames, operations } from "../../gen/aldis/v1/tables/operations.js";
import * as requests from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

const { answer, binary, checkMembership, countMembers, join, leave, listMembers, queryPresence, readHistory, renewToken } =
  requests;
const { text, toChannel, toPeer } = requests;

type Request = NonNullable<Call["request"]>;

const long = "x".repeat(65_537);
const over = (limit: LimitName, code: ErrorCode): Partial<ErrorDetail> => ({
  code,
  limit: limitTable[limit].name,
  limitValue: defaultLimits[limit],
});
const tooLarge = over("messageBytes", ErrorCode.PAYLOAD_TOO_LARGE);
const badUser = { code: ErrorCode.INVALID_USER_ID };
const badChannel = { code: ErrorCode.INVALID_CHANNEL_ID };

const badCalls: [string, Request, Partial<ErrorDetail>][] = [
  ["a message to nobody", toPeer("", "hi"), { ...badUser, field: "receiver" }],
  ["a receiver of 129 bytes", toPeer("x".repeat(129), "hi"), over("userIdBytes", ErrorCode.INVALID_USER_ID)],
  ["a receiver of 65 characters and 130 bytes", toPeer("é".repeat(65), "hi"), over("userIdBytes", ErrorCode.INVALID_USER_ID)],
  ["a receiver with a control character", toPeer("bo\u0000b", "hi"), { ...badUser, field: "receiver" }],
  ["a receiver that turns the writing round", toPeer("bo\u202eb", "hi"), { ...badUser, field: "receiver" }],
  ["a receiver with a line separator", toPeer("bo\u2028b", "hi"), { ...badUser, field: "receiver" }],
  ["a receiver that is not in normal form C", toPeer("e\u0301", "hi"), { ...badUser, field: "receiver" }],
  ["a text over the limit", toPeer("bob", long), tooLarge],
  ["bytes over the limit", toPeer("bob", "", { payload: binary(65_537) }), tooLarge],
  ["bytes and a description over the limit", toPeer("bob", "", { payload: binary(65_530, "seven..") }), tooLarge],
  [
    "a text and a description over the limit",
    toPeer("bob", "", { payload: { ...text("x".repeat(65_530)), description: "seven.." } }),
    tooLarge,
  ],
  [
    "a message without a payload",
    toPeer("bob", "", { payload: undefined }),
    { code: ErrorCode.INVALID_MESSAGE, field: "payload" },
  ],
  [
    "a payload without content",
    toPeer("bob", "", { payload: Payload.create() }),
    { code: ErrorCode.INVALID_MESSAGE, field: "payload.content" },
  ],
  [
    "a client message id of 65 bytes",
    toPeer("bob", "hi", { clientMessageId: "x".repeat(65) }),
    over("clientMessageIdBytes", ErrorCode.INVALID_ARGUMENT),
  ],
  [
    "a client message id with a line break",
    toPeer("bob", "hi", { clientMessageId: "a\nb" }),
    { code: ErrorCode.INVALID_ARGUMENT, field: "client_message_id" },
  ],
  ["a channel without a name", join(""), { ...badChannel, field: "channel" }],
  ["a channel of 129 bytes", join("x".repeat(129)), over("channelIdBytes", ErrorCode.INVALID_CHANNEL_ID)],
  ["a channel with a tab", join("a\tb"), { ...badChannel, field: "channel" }],
  [
    "a business id of 129 bytes",
    join("room", { businessId: "x".repeat(129) }),
    { field: "business_id", limit: "LIMIT_LABEL_BYTES" },
  ],
  [
    "a place with an epoch of 129 bytes",
    join("room", { recoverFrom: { epoch: "x".repeat(129), offset: 1 } }),
    { field: "recover_from.epoch" },
  ],
  ["a leave of a channel that was not joined", leave("elsewhere"), { code: ErrorCode.NOT_IN_CHANNEL, field: "channel" }],
  [
    "a message to a channel that was not joined",
    toChannel("elsewhere", "hi"),
    { code: ErrorCode.NOT_IN_CHANNEL, field: "channel" },
  ],
  ["a message to a channel over the limit", toChannel("room", long), tooLarge],
  ["the members of a channel that was not joined", listMembers("elsewhere"), { code: ErrorCode.NOT_IN_CHANNEL }],
  ["the history of a channel that was not joined", readHistory("elsewhere"), { code: ErrorCode.NOT_IN_CHANNEL }],
  ["the size of no channel", countMembers(), { code: ErrorCode.INVALID_ARGUMENT, field: "channels" }],
  [
    "the size of 33 channels",
    countMembers(...Array<string>(33).fill("room")),
    over("memberCountChannels", ErrorCode.TOO_MANY_ITEMS),
  ],
  ["the size of a channel without a name", countMembers("room", ""), { ...badChannel, field: "channels[1]" }],
  ["the membership of nobody", checkMembership("room", ""), { ...badUser, field: "user_id" }],
  ["the presence of nobody", queryPresence(), { code: ErrorCode.INVALID_ARGUMENT, field: "user_ids" }],
  ["a token of 4,097 bytes", renewToken("x".repeat(4_097)), { field: "token", limit: "LIMIT_TOKEN_BYTES" }],
];

describe("a call with bad input", () => {
  it.each(badCalls)("%s is answered with a typed error, and nothing else happens", async (_, request, detail) => {
    const { login, ask } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    const outcome = await ask(alice, request);

    const error = answer(outcome, "error");
    expect(error).toMatchObject(detail);
    expect(error.message).not.toBe("");
    expect(Buffer.byteLength(error.message)).toBeLessThan(400);
    expect([alice.closed, bob.closed, bob.events.length, bob.frames.length]).toEqual([false, false, 0, 1]);
    expect(await ask(alice, queryPresence("bob"))).toMatchObject({ $case: "queryPresence" });
  });

  it.each([
    ["a text of exactly the limit", text("x".repeat(65_536))],
    ["bytes and a description of exactly the limit", binary(65_530, "sixsix")],
    ["an empty text", text("")],
    ["no bytes", binary(0)],
  ])("%s is good input", async (_, payload) => {
    const { login, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    alice.call(toPeer("bob", "", { payload }));
    await runtime.settle();

    expect(requests.only(bob.events, "peerMessage")[0]?.payload).toEqual(payload);
  });

  it.each(["a".repeat(128), "é".repeat(64), "名前", "null", "a b", "__proto__"])("the id %s is good input", async (id) => {
    const { login, ask } = await startTestNode();
    const alice = await login(id);

    const outcome = await ask(alice, join(id, { include: [1] }));

    expect(answer(outcome, "joinChannel").members).toEqual([id]);
  });

  it("bytes to a client that does not take them are refused with INCOMPATIBLE_MESSAGE", async () => {
    const { login, ask } = await startTestNode();
    const [alice] = [await login("alice"), await login("bob", { capabilities: [] })];

    expect(answer(await ask(alice, toPeer("bob", "", { payload: binary(1) })), "error").code).toBe(
      ErrorCode.INCOMPATIBLE_MESSAGE,
    );
  });

  it("more calls than may be open are refused with RATE_LIMITED, and there is room again when one is answered", async () => {
    const { login, ask, runtime } = await startTestNode({ callsInFlight: 2 });
    const [alice, bob] = [await login("alice"), await login("bob")];

    const calls = [1, 2, 3].map((i) => alice.call(toPeer("bob", `${i}`)));
    await runtime.settle();
    const refused = alice.resultOf(calls[2] ?? 0);
    bob.acknowledge({ events: 1 });
    await runtime.settle();

    expect(answer(refused, "error")).toMatchObject({
      code: ErrorCode.RATE_LIMITED,
      limit: "LIMIT_CALLS_IN_FLIGHT",
      limitValue: 2,
    });
    expect(await ask(alice, queryPresence("bob"))).toMatchObject({ $case: "queryPresence" });
  });
});

/** What a client must find in `Welcome.capabilities` before it calls an operation. The others are always offered. */
const needed: Partial<Record<OperationName, Capability>> = { getChannelHistory: Capability.CHANNEL_HISTORY };
for (const name of operationNames) {
  if (/attributes$/i.test(name)) needed[name] = Capability.ATTRIBUTES;
  if (/(invitation|invitations|dtmf)$/i.test(name)) needed[name] = Capability.INVITATIONS;
  if (/presencesubscriptions$|subscribepresence$/i.test(name)) needed[name] = Capability.PRESENCE_SUBSCRIPTIONS;
  if (/appserver/i.test(name)) needed[name] = Capability.APP_SERVER;
}

describe("an operation", () => {
  it.each(operationNames)("%s is answered with UNIMPLEMENTED exactly if the welcome does not offer it", async (name) => {
    const { login, ask } = await startTestNode();
    const alice = await login("alice");
    const capability = needed[name];
    const offered = capability === undefined || alice.welcome.capabilities.includes(capability);

    const outcome = await ask(alice, { $case: name, value: operations[name].request.decode(new Uint8Array(0)) } as Request);

    const code = outcome?.$case === "error" ? outcome.value.code : undefined;
    expect(code === ErrorCode.UNIMPLEMENTED).toBe(!offered);
    expect(outcome).toBeDefined();
  });

  it("that nobody knows is answered with UNIMPLEMENTED under its call id", async () => {
    const { login, runtime } = await startTestNode();
    const alice = await login("alice");
    const call = ConnectRequest.encode({ frame: { $case: "call", value: { callId: 7, request: undefined } } }).finish();
    const unknown = Uint8Array.from([0x22, 0x05, ...call.subarray(2), 0xba, 0x3e, 0x00]);

    alice.sendBytes(unknown);
    await runtime.settle();

    expect(alice.results).toMatchObject([
      { callId: 7, outcome: { value: { code: ErrorCode.UNIMPLEMENTED, field: "request" } } },
    ]);
    expect(alice.closed).toBe(false);
  });
});

const rated: [LimitName, (i: number) => Request][] = [
  ["peerSends", () => toPeer("nobody", "hi")],
  ["channelSends", () => toChannel("nowhere", "hi")],
  ["joins", (i) => join(`room-${i}`)],
  ["tokenRenewals", () => renewToken("?")],
  ["presenceQueries", () => queryPresence("bob")],
  ["memberLists", () => checkMembership("room", "bob")],
  ["memberCounts", () => countMembers("room")],
  ["historyReads", () => readHistory("room")],
];

describe("rate limits", () => {
  it.each(rated)(
    "%s: one call more is refused with the exact time to wait, and taken when it is over",
    async (limit, request) => {
      const { login, ask, runtime } = await startTestNode();
      const alice = await login("alice");
      const { windowMs, name } = limitTable[limit];

      for (let i = 0; i < defaultLimits[limit]; i += 1) await ask(alice, request(i));
      expect(alice.results.filter(({ outcome }) => outcome?.$case === "error" && outcome.value.limit === name)).toEqual([]);
      const refused = await ask(alice, request(1_000));
      await runtime.advanceAsync(windowMs - 1);
      const early = await ask(alice, request(1_001));
      await runtime.advanceAsync(1);
      const taken = await ask(alice, request(1_002));

      const limited = { code: ErrorCode.RATE_LIMITED, limit: name, limitValue: defaultLimits[limit] };
      expect(answer(refused, "error")).toMatchObject({ ...limited, retryAfterMs: windowMs });
      expect(answer(early, "error")).toMatchObject({ ...limited, retryAfterMs: 1 });
      expect(taken).not.toMatchObject({ value: limited });
    },
  );

  it("of one session say nothing to another", async () => {
    const { login, ask } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];
    await ask(alice, countMembers("room"));

    expect(await ask(alice, countMembers("room"))).toMatchObject({ value: { code: ErrorCode.RATE_LIMITED } });
    expect(await ask(bob, countMembers("room"))).toMatchObject({ $case: "getMemberCounts" });
  });
});
