// The least that keeps the promises of Aldis's protocol over Node's HTTP/2, and nothing of Aldis: what comes is decoded, a batch of messages
// is on disk before its sender has the answers and its receivers the events, and each member's events are kept until it has acknowledged
// them. It knows one channel, and neither tokens nor rules, rates, histories, other nodes, metrics or traces.
import type { ServerHttp2Stream } from "node:http2";
import { JoinChannelResponse, type SendChannelMessageRequest } from "../../../gen/aldis/v1/channel.js";
import { Welcome } from "../../../gen/aldis/v1/session.js";
import { type Call, type CallResult, ConnectRequest, ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import { Batches, floorArguments } from "./batches.js";
import { framed, serveStreams } from "./grpc-streams.js";
import { SyncedLog } from "./synced-log.js";

/** Events of one batch, which a member has been sent. */
interface Kept {
  readonly events: Buffer;
  /** The number of events of its session up to these. */
  readonly upTo: number;
}

interface Member {
  readonly stream: ServerHttp2Stream;
  events: number;
  kept: Kept[];
}

/** A message that is not stored yet. */
interface Sent {
  readonly sender: Member;
  readonly event: Uint8Array;
  readonly result: CallResult;
}

const members = new Set<Member>();
let offset = 0;
const { size, file = "" } = floorArguments();
const log = await SyncedLog.open(file);

const batches = new Batches<Sent>(size, (sent) => {
  const events = Buffer.concat(sent.map(({ event }) => event));
  void log.append(events).then(() => {
    const results = new Map<Member, CallResult[]>();
    for (const { sender } of sent) results.set(sender, []);
    for (const { sender, result } of sent) results.get(sender)?.push(result);
    for (const [sender, each] of results) answer(sender, each);
    const batch = framed(events);
    for (const member of members) if (!results.has(member)) tell(member, batch, sent.length);
  });
});

function tell(member: Member, events: Buffer, count: number): void {
  member.events += count;
  member.kept.push({ events, upTo: member.events });
  member.stream.write(events);
}

function answer({ stream }: Member, results: CallResult[]): void {
  stream.write(framed(ConnectResponse.encode({ events: [], results, control: undefined }).finish()));
}

function onRequest(member: Member, { frame: request }: ConnectRequest): void {
  if (request?.$case === "hello") welcome(member);
  else if (request?.$case === "call") onCall(member, request.value);
  else if (request?.$case === "ack") {
    const { events } = request.value;
    member.kept = member.kept.filter(({ upTo }) => upTo > events);
  }
}

function welcome({ stream }: Member): void {
  const value = Welcome.create({ sessionId: String(members.size) });
  stream.write(framed(ConnectResponse.encode({ events: [], results: [], control: { $case: "welcome", value } }).finish()));
}

function onCall(member: Member, { callId, request }: Call): void {
  if (request?.$case === "sendChannelMessage") send(member, callId, request.value);
  else answer(member, [{ callId, afterEvents: 0, outcome: { $case: "joinChannel", value: JoinChannelResponse.create() } }]);
}

function send(sender: Member, callId: number, { channel, payload }: SendChannelMessageRequest): void {
  offset += 1;
  const serverTimeMs = Date.now();
  const message = { channel, sender: "publisher", payload, serverTimeMs, offset };
  const event = { event: { $case: "channelMessage" as const, value: message } };
  const value = { position: { epoch: "1", offset }, serverTimeMs, messageId: String(offset) };
  batches.add({
    sender,
    event: ConnectResponse.encode({ events: [event], results: [], control: undefined }).finish(),
    result: { callId, afterEvents: 0, outcome: { $case: "sendChannelMessage", value } },
  });
}

serveStreams((stream) => {
  const member: Member = { stream, events: 0, kept: [] };
  members.add(member);
  stream.on("close", () => members.delete(member));
  return (message) => onRequest(member, ConnectRequest.decode(message));
});
