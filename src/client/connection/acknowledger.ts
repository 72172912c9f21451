import type { Event } from "../../../gen/aldis/v1/stream.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Runtime, Timer } from "../runtime.js";

/** A batch that the application has received. */
export interface ReceivedBatch {
  /** The number of its events and results. */
  readonly entries: number;
  readonly bytes: number;
  /** True if somebody waits for the acknowledgement. */
  readonly urgent: boolean;
}

/** The share of what the server keeps for a client that the client leaves unacknowledged at most. */
const keptShare = 1 / 4;

/**
 * Decides when to acknowledge what has been received: at once if somebody waits for it, else at three quarters to all of what the limits
 * allow. It differs each time, so members of a channel, who all hear at once, do not all answer at once.
 */
export class Acknowledger {
  readonly #runtime: Pick<Runtime, "clock" | "random">;
  readonly #send: () => void;
  #entries = 0;
  #bytes = 0;
  /** The share of the limits at which it acknowledges next. */
  #share: number;
  #timer: Timer | undefined;

  constructor(runtime: Pick<Runtime, "clock" | "random">, send: () => void) {
    this.#runtime = runtime;
    this.#send = send;
    this.#share = ackShare(runtime.random());
  }

  note({ entries, bytes, urgent }: ReceivedBatch, limits: Limits): void {
    this.#entries += entries;
    this.#bytes += bytes;
    if (this.#entries === 0) return;
    const { ackEvents, replayEvents, replayBytes, ackIntervalMs } = limits;
    const mostEntries = Math.min(ackEvents, replayEvents * keptShare);
    const isMuch = this.#entries >= this.#share * mostEntries || this.#bytes >= this.#share * replayBytes * keptShare;
    if (urgent || isMuch) this.#acknowledge();
    else this.#timer ??= this.#runtime.clock.after(this.#share * ackIntervalMs, () => this.#acknowledge());
  }

  /** Forgets what is owed: the link is gone, and the next `Hello` says what has been received. */
  reset(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    [this.#entries, this.#bytes, this.#share] = [0, 0, ackShare(this.#runtime.random())];
  }

  #acknowledge(): void {
    this.reset();
    this.#send();
  }
}

/**
 * The share of what the limits allow at which a client acknowledges next: three quarters to all of it.
 *
 * @param random A number from 0, inclusive, to 1, exclusive.
 */
export function ackShare(random: number): number {
  return (3 + random) / 4;
}

const awaited: ReadonlySet<string | undefined> = new Set(["peerMessage", "invitation", "presence"]);

/** True for an event whose acknowledgement somebody waits for: a receipt, or what the server has to tell of the same user next. */
export function isAwaited({ event }: Event): boolean {
  return awaited.has(event?.$case);
}
