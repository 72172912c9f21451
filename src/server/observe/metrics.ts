import { Counter, Gauge, Registry } from "prom-client";
import { DeliveryStatus } from "../../../gen/aldis/node/v1/node.js";
import type { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";
import { type LimitName, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { EngineHealth } from "../engine/ports/health.js";
import { AppMetrics } from "./app-metrics.js";
import { QuickHistogram } from "./quick-histogram.js";

interface Waiting {
  readonly messages: number;
  readonly bytes: number;
}

/** The figures of a node, as Prometheus reads them. Labels are values of the protocol, or apps, so their number is bounded. */
export class Metrics {
  /** Events handed to links, and calls answered, since the start. */
  eventsSent = 0;
  callsAnswered = 0;
  private bytesSent = 0;
  private readonly registry = new Registry();
  /** Those of each app. */
  readonly apps = new AppMetrics(this.registry);
  private readonly calls = new QuickHistogram({
    name: "aldis_call_seconds",
    help: "Time from taking a call to its answer, by operation and outcome.",
    labelNames: ["operation", "code"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    register: this.registry,
  });
  private readonly batches = new QuickHistogram({
    name: "aldis_batch_events",
    help: "Events in a batch.",
    buckets: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256],
    register: this.registry,
  });
  private readonly flushes = new QuickHistogram({
    name: "aldis_flush_delay_seconds",
    help: "Time that channel traffic of a session waited to be sent in one batch.",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    register: this.registry,
  });
  private readonly storeBatches = new QuickHistogram({
    name: "aldis_store_batch_seconds",
    help: "Time from handing a batch of calls to the store until its answer: what it has written is on disk then.",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    register: this.registry,
  });
  private readonly slowConsumers = new Counter({
    name: "aldis_slow_consumers_total",
    help: "Links ended with SLOW_CONSUMER.",
    registers: [this.registry],
  });
  private readonly inboxLosses = new Counter({
    name: "aldis_inbox_lost_total",
    help: "Stored messages that will not be delivered: newer ones pushed them out, or their time is over.",
    labelNames: ["reason"],
    registers: [this.registry],
  });
  private readonly limitRefusals = new Counter({
    name: "aldis_limit_refusals_total",
    help: "What was refused or cut by a limit on an address, an app, an admin key, the mail between nodes or the whole server, by limit.",
    labelNames: ["limit"],
    registers: [this.registry],
  });
  private readonly appServerMessages = new Gauge({
    name: "aldis_app_server_messages_waiting",
    help: "Messages that wait for the answer of an application server.",
    registers: [this.registry],
  });
  private readonly logins = new Counter({
    name: "aldis_logins_total",
    help: "Logins by outcome: NEW, RESUMED, EXPIRED (a new session, since the old one could not be resumed), or the code of the refusal.",
    labelNames: ["outcome"],
    registers: [this.registry],
  });
  private readonly deliveries = new QuickHistogram({
    name: "aldis_delivery_seconds",
    help: "Time from accepting a message to a peer who is there to the last word about it, by outcome.",
    labelNames: ["outcome"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    register: this.registry,
  });
  private readonly engineRefusals = new Counter({
    name: "aldis_engine_unavailable_total",
    help: "What the engine could not do because it could not serve. It logs itself when that begins and ends.",
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: "aldis_failures_total",
    help: "Faults of the server that were logged.",
    registers: [this.registry],
  });

  constructor(
    state: { sessions(): number; attachedSessions(): number; queuedBytes(): number },
    load: { readonly utilization: number },
  ) {
    const aboutEvents = "Events handed to links; an event that is played again counts again.";
    this.counter("aldis_events_sent_total", aboutEvents, () => this.eventsSent);
    this.counter("aldis_batch_bytes_total", "Bytes of the batches handed to links.", () => this.bytesSent);
    this.gauge("aldis_sessions", "Sessions of this node.", () => state.sessions());
    this.gauge("aldis_sessions_attached", "Sessions of this node that have a link.", () => state.attachedSessions());
    this.gauge("aldis_queued_bytes", "Bytes that sessions have not acknowledged.", () => state.queuedBytes());
    this.gauge("aldis_resident_bytes", "Memory of the process that is in RAM.", () => process.memoryUsage.rss());
    this.gauge("aldis_event_loop_utilization", "Share of the time in which the event loop is at work.", () => load.utilization);
  }

  /** `app` is that of the caller; undefined for an operator. */
  onCall(operation: string, code: ErrorCode | undefined, ms: number, app?: string): void {
    this.callsAnswered += 1;
    if (app !== undefined) this.apps.onCall(app, operation, code);
    this.calls.observe(ms / 1000, operation, code === undefined ? "OK" : errorTable[code].name);
  }

  onLogin(start: SessionStart, app: string): void {
    this.countLogin(nameOf(SessionStart, start), app);
  }

  /** `app` is undefined if the server does not serve it. */
  onLoginRefused(code: ErrorCode, app: string | undefined): void {
    this.countLogin(errorTable[code].name, app);
  }

  onDelivery(status: DeliveryStatus, ms: number): void {
    this.deliveries.observe(ms / 1000, nameOf(DeliveryStatus, status));
  }

  onBatch(events: number, bytes: number): void {
    this.eventsSent += events;
    this.bytesSent += bytes;
    this.batches.observe(events);
  }

  onFlush(waitedMs: number): void {
    this.flushes.observe(waitedMs / 1000);
  }

  onStoreBatch(ms: number): void {
    this.storeBatches.observe(ms / 1000);
  }

  onSlowConsumer(): void {
    this.slowConsumers.inc();
  }

  onInboxLoss(reason: "full" | "expired", messages: number): void {
    this.inboxLosses.inc({ reason }, messages);
  }

  onLimit(limit: LimitName): void {
    this.limitRefusals.inc({ limit: limitTable[limit].name });
  }

  onAppServerMessages(waiting: number): void {
    this.appServerMessages.set(waiting);
  }

  onFailure(): void {
    this.failures.inc();
  }

  onEngineUnavailable(): void {
    this.engineRefusals.inc();
  }

  /** Shows what is to be done later, and whether the node may serve. */
  watchNode(node: { readonly isFenced: boolean }, unfinished: { readonly size: number }): void {
    const about = "1 while the node refuses calls and logins, since its lease among the nodes may be over.";
    this.gauge("aldis_node_fenced", about, () => (node.isFenced ? 1 : 0));
    this.gauge("aldis_unfinished_tasks", "What is to be done when the engine can serve again.", () => unfinished.size);
  }

  /** Shows when the certificate of TLS ends, so that somebody renews it in time. */
  watchCertificate(certificate: { readonly expiresAtMs: number }): void {
    const about = "When the certificate of TLS ends to be valid, in seconds since 1970.";
    this.gauge("aldis_certificate_expiry_timestamp_seconds", about, () => certificate.expiresAtMs / 1000);
  }

  /** Shows how a store and its disk are. */
  watchStore(store: { health(): EngineHealth; freeBytes(): number; waitingCalls(): number }): void {
    const about = "1 while the store takes what must be stored; 0 while the disk is full, or since the store has failed.";
    this.gauge("aldis_store_ready", about, () => (store.health() === "ok" ? 1 : 0));
    this.gauge("aldis_store_free_bytes", "Free bytes on the disk of the store.", () => store.freeBytes());
    const aboutWaiting = "Calls that wait until those before them are on disk. If too many wait, more are refused.";
    this.gauge("aldis_store_waiting_calls", aboutWaiting, () => store.waitingCalls());
  }

  /** Shows which messages wait to be appended to channels, in memory or on Redis. A store on disk has its own. */
  watchAppends(waiting: Waiting): void {
    const about = "to channels that wait to be appended, in memory or on Redis. If too much waits, more is refused.";
    this.gauge("aldis_channel_log_waiting_messages", `Messages ${about}`, () => waiting.messages);
    this.gauge("aldis_channel_log_waiting_bytes", `Bytes of messages ${about}`, () => waiting.bytes);
  }

  /** Shows what waits between the nodes on a Redis. */
  watchRedis(redis: { readonly deafTopics: number; readonly outgoingMail: Waiting; readonly incomingMail: Waiting }): void {
    this.gauge("aldis_redis_deaf_topics", "Topics in Redis that should be heard and are not.", () => redis.deafTopics);
    const read = { in: () => redis.incomingMail, out: () => redis.outgoingMail };
    for (const what of ["messages", "bytes"] as const) {
      new Gauge({
        name: `aldis_node_mail_waiting_${what}`,
        help: `The ${what} of mail between nodes: in, what waited in Redis for this node at its last renewal; out, what waits here for the node with most.`,
        labelNames: ["direction"],
        registers: [this.registry],
        collect() {
          for (const direction of ["in", "out"] as const) this.set({ direction }, read[direction]()[what]);
        },
      });
    }
  }

  async text(): Promise<{ type: string; text: string }> {
    return { type: this.registry.contentType, text: await this.registry.metrics() };
  }

  private countLogin(outcome: string, app: string | undefined): void {
    this.logins.inc({ outcome });
    if (app !== undefined) this.apps.onLogin(app, outcome);
  }

  private counter(name: string, help: string, read: () => number): void {
    const collect = () => {
      counter.reset();
      counter.inc(read());
    };
    const counter: Counter = new Counter({ name, help, registers: [this.registry], collect });
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }
}

/** The name of a value of an enum of the protocol; empty for a value that it does not have. */
export function nameOf(values: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(values).find((name) => values[name] === value) ?? "";
}
