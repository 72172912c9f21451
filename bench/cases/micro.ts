import { performance } from "node:perf_hooks";
import { TokenRights } from "../../gen/aldis/v1/admin_service.js";
import { ChannelMessage } from "../../gen/aldis/v1/history.js";
import { ConnectResponse } from "../../gen/aldis/v1/stream.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { decodeStrict } from "../../gen/aldis/v1/tables/wire.js";
import { MemoryBus } from "../../src/server/engine/embedded/memory-bus.js";
import { channelTopic } from "../../src/server/engine/ports/channel-topic.js";
import { eventEntry } from "../../src/server/event-entry.js";
import { channelMessagePieces } from "../../src/server/event-piece.js";
import type { Flushable, Urgent } from "../../src/server/fanout/flusher.js";
import { Hub } from "../../src/server/fanout/hub.js";
import { settingsOf } from "../../src/server/feature/attribute/channel-settings.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { BatchJoiner } from "../../src/server/session/batch-joiner.js";
import { Frame } from "../../src/server/session/frame.js";
import { Session } from "../../src/server/session/session.js";
import type { Outcome, Report } from "../support/report.js";
import { median, round } from "../support/statistics.js";

export interface MicroOptions {
  readonly bytes: number;
  readonly members: number;
}

/** What one thing costs within the process, without a socket. */
export interface MicroRow {
  readonly case: "micro";
  readonly what: string;
  readonly nanos: number;
}

const rounds = 15;
const channel = { appId: "app", channel: "room" };

/** Measures the parts of a delivery one by one: encoding, the hub, the outbox, the acknowledgement. */
export async function runMicro({ bytes, members }: MicroOptions, report: Report): Promise<Outcome> {
  const row = (what: string, nanos: number) => report.row({ case: "micro", what, nanos: round(nanos) } satisfies MicroRow);
  report.progress("codec");
  const value = messageOf(bytes);
  const withoutOffset = ChannelMessage.encode(value).finish();
  const segment = Array.from({ length: 64 }, () => ({ message: withoutOffset }));
  const batch = Buffer.concat(channelMessagePieces(segment, 1).map(({ bytes }) => bytes));
  row(
    "event encoded whole",
    perCall(20_000, () => eventEntry({ $case: "channelMessage", value }, "channel")),
  );
  row(
    "event made of stored bytes and an offset, of a segment of 64",
    perCall(500, () => channelMessagePieces(segment, 7)) / 64,
  );
  row("event decoded strictly, of a batch of 64", perCall(500, () => decodeStrict(ConnectResponse, batch)) / 64);
  for (const size of [1, 10, 64]) {
    report.progress(`a room of ${members} members, batches of ${size}`);
    const { offered, flushed, acknowledged } = await measureRoom(members, size, withoutOffset);
    row(`delivery, batches of ${size}: offered by the hub`, offered);
    row(`delivery, batches of ${size}: joined and handed to the link`, flushed);
    row(`delivery, batches of ${size}: acknowledged`, acknowledged);
  }
  return { failed: false };
}

function messageOf(bytes: number): ChannelMessage {
  const payload = { content: { $case: "text" as const, value: "x".repeat(bytes) }, description: "" };
  return ChannelMessage.create({ channel: channel.channel, sender: "alice", payload, serverTimeMs: 1_700_000_000_000 });
}

/** The median time of a call in nanoseconds. */
function perCall(calls: number, call: () => void): number {
  return medianOfRounds(() => {
    for (let i = 0; i < calls; i += 1) call();
    return calls;
  });
}

/** The median time of one of the things that a round does, in nanoseconds. */
function medianOfRounds(round: () => number): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    const things = round();
    return ((performance.now() - start) * 1e6) / things;
  });
  // The first rounds run before the code is compiled.
  return median(times.slice(5));
}

interface RoomCosts {
  readonly offered: number;
  readonly flushed: number;
  readonly acknowledged: number;
}

/** The costs of one delivery in nanoseconds, in a room whose members get batches of a size. */
async function measureRoom(members: number, size: number, message: Uint8Array): Promise<RoomCosts> {
  const room = await openRoom(members);
  const steps = Math.max(1, Math.round(100_000 / members / size));
  const costs: Record<keyof RoomCosts, number[]> = { offered: [], flushed: [], acknowledged: [] };
  for (let i = 0; i < rounds; i += 1) {
    const spent = { offered: 0, flushed: 0, acknowledged: 0 };
    for (let step = 0; step < steps; step += 1) {
      spent.offered += timeOf(() => room.offer(size, message));
      spent.flushed += timeOf(() => room.flush());
      spent.acknowledged += timeOf(() => room.acknowledge());
    }
    for (const kind of ["offered", "flushed", "acknowledged"] as const) {
      costs[kind].push((spent[kind] * 1e6) / (steps * size * members));
    }
  }
  const of = (kind: keyof RoomCosts) => median(costs[kind].slice(5));
  return { offered: of("offered"), flushed: of("flushed"), acknowledged: of("acknowledged") };
}

function timeOf(task: () => void): number {
  const start = performance.now();
  task();
  return performance.now() - start;
}

/** A room with real sessions, whose links write nothing. */
async function openRoom(members: number) {
  const bus = new MemoryBus();
  const head = { epoch: "one", offset: 0 };
  const hub = new Hub({
    bus,
    log: { head: async () => head, read: async () => ({ records: [], head, more: false, gap: false }) },
    limits: defaultLimits,
    readAttributes: async () => ({ attributes: new Map(), revision: 0 }),
    settingsOf: ({ attributes }) => settingsOf(attributes, defaultLimits),
    onMembersChanged() {},
    unfinished: { run: async (task) => void (await task()) },
    report: fail,
  });
  const planned: Flushable[] = [];
  const written: (() => void)[] = [];
  const services = {
    clock: systemRuntime.clock,
    limits: defaultLimits,
    flusher: { plan: (member: Flushable) => planned.push(member), hurry: (member: Urgent) => member.flushNow() },
    joiner: new BatchJoiner(),
    observer: { onBatch() {}, onSlowConsumer() {} },
  };
  const link = { address: "", send: (_: Frame, done: () => void) => written.push(done), end() {}, abort() {} };
  const finishWrites = () => {
    for (const done of written.splice(0)) done();
  };
  const sessions = Array.from({ length: members }, (_, i) => openSession(i, services));
  for (const session of sessions) {
    session.attach({ ...link }, new Frame([new Uint8Array(1)]), defaultLimits.batchDelayMs);
    const membership = await hub.enter(session, channel, { receiveOwn: true });
    membership.open({ epoch: "one", offset: 0 }, []);
  }
  finishWrites();
  let offset = 0;
  return {
    offer(messages: number, message: Uint8Array) {
      const stored = Array.from({ length: messages }, () => ({ sender: "alice", message }));
      const place = { epoch: "one", offset: offset + 1 };
      bus.publishNow(channelTopic(channel), { $case: "messages", value: { place, messages: stored } });
      offset += messages;
    },
    flush() {
      for (const member of planned.splice(0)) member.flushDue();
      finishWrites();
    },
    acknowledge() {
      for (const session of sessions) session.acknowledge({ events: offset, results: 0 });
    },
  };
}

function openSession(number: number, services: ConstructorParameters<typeof Session>[2]): Session {
  const identity = {
    id: `${number}`,
    user: { appId: channel.appId, userId: `user${number}` },
    epoch: 1,
    capabilities: new Set<never>(),
    endsAttributes: false,
    deviceLabel: "",
    client: "",
  };
  return new Session(identity, { issuedAtMs: 0, expiresAtMs: 0, rights: TokenRights.create() }, services);
}

function fail(failure: unknown): never {
  throw failure;
}
