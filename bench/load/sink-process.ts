// A process of its own that holds members and counts what they hear. It is told what to do by its parent, and ends with it.
import { tokenIssuer } from "../systems/token.js";
import { tickMs } from "../wire/wire.js";
import { nowMicros } from "./clock.js";
import type { ConnectionListener, ServerAddress } from "./connection.js";
import { Histogram } from "./histogram.js";
import { channelName, type SinkCommands, type SinkReply, type SinkReport, type SinkRequest } from "./protocol.js";
import { Sink } from "./sink.js";
import { StampReader } from "./stamp.js";
import type { Tally } from "./tally.js";

const progressMs = 20;
/** Every member has its tick in one of so many phases: clients do not all do the same at once. */
const phases = 10;
/** Connections that are made at the same time, so that the listening queue of no server overflows. */
const mostAtOnce = 100;

let sinks: Sink[] = [];
let measured = nothing();
const stamps = new StampReader();
/** When the chunk came that is being read. */
let chunkMicros = 0;
/** Messages that came to members that read, or of which they were told that they do not come, since the start. */
let accounted = 0;
let told = 0;

function nothing() {
  return { latencies: new Histogram(), deliveries: 0, batches: 0, bytes: 0, lastMicros: 0 };
}

/** The members whose losses count. */
function reading(): readonly Sink[] {
  return sinks.filter((sink) => !sink.stalled);
}

function sum(figure: (tally: Tally) => number): number {
  return reading().reduce((total, { tally }) => total + figure(tally), 0);
}

/** The node of a member: members of one channel are spread evenly over all nodes. */
function serverOf(servers: readonly ServerAddress[], member: number, channels: number): ServerAddress {
  const server = servers[Math.floor(member / Math.max(1, channels)) % servers.length];
  if (server === undefined) throw new Error("there is no server");
  return server;
}

function listenerOf(sink: Sink): ConnectionListener {
  return {
    onBytes(bytes) {
      chunkMicros = nowMicros();
      measured.bytes += bytes;
    },
    onBatch() {
      measured.batches += 1;
    },
    onMissed(messages) {
      if (sink.stalled) return;
      sink.tally.toldLost += messages;
      accounted += messages;
    },
    onDelivery(buffer, start, end) {
      if (sink.stalled || !stamps.read(buffer, start, end)) return;
      sink.tally.take(stamps.number);
      accounted += 1;
      measured.deliveries += 1;
      measured.lastMicros = chunkMicros;
      measured.latencies.record(chunkMicros - stamps.dueMicros);
    },
  };
}

const commands: SinkCommands = {
  async connect({ wire, servers, secret, first, count, channels }) {
    const issue = tokenIssuer({ secret });
    const added = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const userId = `member${first + i}`;
        const names = channels === 0 ? [] : [channelName(channels, first + i)];
        const member = { userId, token: await issue(userId), channels: names, sends: false };
        return new Sink(first + i, wire, serverOf(servers, first + i, channels), member, listenerOf);
      }),
    );
    sinks.push(...added);
    for (let at = 0; at < count; at += mostAtOnce) {
      await Promise.all(added.slice(at, at + mostAtOnce).map((sink) => sink.connect()));
    }
  },

  async join({ first, channels }) {
    const joining = sinks.filter(({ number }) => number >= first);
    await Promise.all(joining.map((sink) => sink.join(channelName(channels, sink.number))));
  },

  async reset() {
    measured = nothing();
  },

  async collect(): Promise<SinkReport> {
    return {
      ...measured,
      latencies: measured.latencies.counts,
      received: sum((tally) => tally.received),
      duplicated: sum((tally) => tally.duplicated),
      reordered: sum((tally) => tally.reordered),
      toldLost: sum((tally) => tally.toldLost),
      members: reading().length,
      problems: reading()
        .flatMap((sink) => sink.problem ?? [])
        .slice(0, 10),
    };
  },

  async stall(oneIn) {
    for (const sink of sinks) if (sink.number % oneIn === 0) sink.stall();
    accounted = sum((tally) => tally.received + tally.toldLost);
  },

  async cut() {
    for (const sink of sinks) sink.close();
  },

  async reconnect() {
    await Promise.all(sinks.map((sink) => sink.reconnect()));
  },

  async leave() {
    await Promise.all(sinks.map((sink) => sink.leave()));
    sinks = [];
  },
};

function tell(reply: SinkReply): void {
  if (process.connected) process.send?.(reply);
}

process.on("message", ({ id, name, argument }: SinkRequest) => {
  const command = commands[name] as (argument: unknown) => Promise<unknown>;
  command(argument).then(
    (value) => tell({ id, value }),
    (failure) => tell({ id, failure: String(failure) }),
  );
});
process.on("disconnect", () => process.exit());

setInterval(() => {
  if (accounted === told) return;
  told = accounted;
  tell({ accounted });
}, progressMs);
let phase = 0;
setInterval(() => {
  for (let i = phase; i < sinks.length; i += phases) sinks[i]?.tick();
  phase = (phase + 1) % phases;
}, tickMs / phases);
