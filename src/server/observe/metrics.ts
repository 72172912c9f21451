import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";

/** The figures of a node, as Prometheus reads them. Labels take values from the protocol only, so their number is bounded. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly calls = new Histogram({
    name: "aldis_call_seconds",
    help: "Time from taking a call to its answer, by operation and outcome.",
    labelNames: ["operation", "code"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [this.registry],
  });
  private readonly events = new Counter({
    name: "aldis_events_sent_total",
    help: "Events handed to links; an event that is played again counts again.",
    registers: [this.registry],
  });
  private readonly batches = new Histogram({
    name: "aldis_batch_events",
    help: "Events in a batch.",
    buckets: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [this.registry],
  });
  private readonly bytes = new Counter({
    name: "aldis_batch_bytes_total",
    help: "Bytes of the batches handed to links.",
    registers: [this.registry],
  });
  private readonly inboxLosses = new Counter({
    name: "aldis_inbox_lost_total",
    help: "Stored messages that will not be delivered: newer ones pushed them out, or their time is over.",
    labelNames: ["reason"],
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: "aldis_failures_total",
    help: "Faults of the server that were logged.",
    registers: [this.registry],
  });

  constructor(state: { sessions(): number; attachedSessions(): number; queuedBytes(): number }) {
    this.gauge("aldis_sessions", "Sessions of this node.", () => state.sessions());
    this.gauge("aldis_sessions_attached", "Sessions of this node that have a link.", () => state.attachedSessions());
    this.gauge("aldis_queued_bytes", "Bytes that sessions have not acknowledged.", () => state.queuedBytes());
  }

  onCall(operation: string, code: ErrorCode | undefined, ms: number): void {
    this.calls.observe({ operation, code: code === undefined ? "OK" : errorTable[code].name }, ms / 1000);
  }

  onBatch(events: number, bytes: number): void {
    this.events.inc(events);
    this.batches.observe(events);
    this.bytes.inc(bytes);
  }

  onInboxLoss(reason: "full" | "expired", messages: number): void {
    this.inboxLosses.inc({ reason }, messages);
  }

  onFailure(): void {
    this.failures.inc();
  }

  async text(): Promise<{ type: string; text: string }> {
    return { type: this.registry.contentType, text: await this.registry.metrics() };
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }
}
