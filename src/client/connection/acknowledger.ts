import type { Event } from "../../../gen/aldis/v1/stream.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Clock, Timer } from "../runtime.js";

/** A batch that the application has received. */
export interface ReceivedBatch {
  /** The number of its events and results. */
  readonly entries: number;
  readonly bytes: number;
  /** True if somebody waits for a receipt. */
  readonly urgent: boolean;
}

/** The share of what the server keeps for a client that the client leaves unacknowledged at most. */
const keptShare = 1 / 4;

/** Decides when to acknowledge what has been received. */
export class Acknowledger {
  readonly #clock: Clock;
  readonly #send: () => void;
  #entries = 0;
  #bytes = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, send: () => void) {
    this.#clock = clock;
    this.#send = send;
  }

  note({ entries, bytes, urgent }: ReceivedBatch, limits: Limits): void {
    this.#entries += entries;
    this.#bytes += bytes;
    if (this.#entries === 0) return;
    const { ackEvents, replayEvents, replayBytes } = limits;
    const isMuch = this.#entries >= Math.min(ackEvents, replayEvents * keptShare) || this.#bytes >= replayBytes * keptShare;
    if (urgent || isMuch) this.#acknowledge();
    else this.#timer ??= this.#clock.after(limits.ackIntervalMs, () => this.#acknowledge());
  }

  /** Forgets what is owed: the link is gone, and the next `Hello` says what has been received. */
  reset(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    [this.#entries, this.#bytes] = [0, 0];
  }

  #acknowledge(): void {
    this.reset();
    this.#send();
  }
}

/** True for an event whose sender waits for the acknowledgement. */
export function wantsReceipt(event: Event): boolean {
  return event.event?.$case === "peerMessage" || event.event?.$case === "invitation";
}
