// The sample session of proto/README.md: what two clients and a server say, with the real bytes.
import { LeaveReason } from "../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { Limit } from "../../gen/aldis/v1/limit.js";
import { DeliveryOutcome } from "../../gen/aldis/v1/message.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { ConnectRequest, ConnectResponse } from "../../gen/aldis/v1/stream.js";

interface Step {
  readonly about: string;
  readonly up?: Parameters<typeof ConnectRequest.create>[0];
  readonly down?: Parameters<typeof ConnectResponse.create>[0];
}

const hello = { appId: "dev", userId: "alice", token: "T" };
const text = (value: string) => ({ content: { $case: "text" as const, value } });

const steps: readonly Step[] = [
  { about: "hello: app dev, user alice, a token", up: { frame: { $case: "hello", value: hello } } },
  {
    about: "welcome: a new session, and one of the limits in force",
    down: {
      control: {
        $case: "welcome",
        value: {
          sessionId: "S",
          resumeToken: "R1",
          start: SessionStart.NEW,
          limits: [{ limit: Limit.MESSAGE_BYTES, value: 65_536 }],
          protocolRevision: 1,
        },
      },
    },
  },
  {
    about: "call 1: join channel c",
    up: { frame: { $case: "call", value: { callId: 1, request: { $case: "joinChannel", value: { channel: "c" } } } } },
  },
  {
    about: "result of call 1: in; the channel is at offset 41 of epoch E and has two members",
    down: {
      results: [
        { callId: 1, outcome: { $case: "joinChannel", value: { position: { epoch: "E", offset: 41 }, memberCount: 2 } } },
      ],
    },
  },
  {
    about: "a batch of two events: bob says hi in the channel, and leaves it",
    down: {
      events: [
        {
          event: {
            $case: "channelMessage",
            value: { channel: "c", sender: "bob", payload: text("hi"), serverTimeMs: 1_000, offset: 42 },
          },
        },
        { event: { $case: "memberLeft", value: { channel: "c", userId: "bob", reason: LeaveReason.LEFT } } },
      ],
    },
  },
  { about: "ack: two events and one result received", up: { frame: { $case: "ack", value: { events: 2, results: 1 } } } },
  {
    about: "call 2: a message to bob, with an id of the client's own for retries",
    up: {
      frame: {
        $case: "call",
        value: {
          callId: 2,
          request: { $case: "sendPeerMessage", value: { receiver: "bob", payload: text("bye"), clientMessageId: "m1" } },
        },
      },
    },
  },
  {
    about: "the link breaks. A new one: hello with what to resume, and what was received",
    up: {
      frame: {
        $case: "hello",
        value: { ...hello, resume: { sessionId: "S", resumeToken: "R1", eventsReceived: 2, resultsReceived: 1 } },
      },
    },
  },
  {
    about: "welcome: resumed; the server has both calls, so none is sent again",
    down: {
      control: {
        $case: "welcome",
        value: {
          sessionId: "S",
          resumeToken: "R2",
          start: SessionStart.RESUMED,
          callsReceived: 2,
          protocolRevision: 1,
          eventsAcknowledged: 2,
          resultsAcknowledged: 1,
        },
      },
    },
  },
  {
    about: "result of call 2: bob's client has acknowledged the message",
    down: {
      results: [
        { callId: 2, outcome: { $case: "sendPeerMessage", value: { outcome: DeliveryOutcome.DELIVERED, messageId: "M" } } },
      ],
    },
  },
  {
    about: "call 3: a message to a channel that alice is not in",
    up: {
      frame: {
        $case: "call",
        value: { callId: 3, request: { $case: "sendChannelMessage", value: { channel: "d", payload: text("?") } } },
      },
    },
  },
  {
    about: "result of call 3: it failed",
    down: {
      results: [
        {
          callId: 3,
          outcome: { $case: "error", value: { code: ErrorCode.NOT_IN_CHANNEL, message: "join it first", field: "channel" } },
        },
      ],
    },
  },
  { about: "ping", up: { frame: { $case: "ping", value: { nonce: 7 } } } },
  { about: "pong", down: { control: { $case: "pong", value: { nonce: 7, serverTimeMs: 2_000 } } } },
  { about: "call 4: log out", up: { frame: { $case: "call", value: { callId: 4, request: { $case: "logout", value: {} } } } } },
  { about: "result of call 4", down: { results: [{ callId: 4, outcome: { $case: "logout", value: {} } }] } },
  { about: "goodbye", down: { control: { $case: "goodbye", value: { reason: GoodbyeReason.LOGOUT } } } },
];

/** The session as a text: direction, meaning, bytes. `>` is what the client sends. */
export function renderSampleSession(): string {
  return ["```", ...steps.flatMap(renderStep), "```"].join("\n");
}

function renderStep({ about, up, down }: Step): string[] {
  const bytes =
    up === undefined
      ? ConnectResponse.encode(ConnectResponse.create(down)).finish()
      : ConnectRequest.encode(ConnectRequest.create(up)).finish();
  const hex = Buffer.from(bytes).toString("hex");
  return [`${up === undefined ? "<" : ">"} ${about}`, ...(hex.match(/.{1,112}/g) ?? []).map((line) => `    ${line}`)];
}
