import type { Event } from "../../../gen/aldis/v1/stream.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Clock, Timer } from "../runtime.js";

/** Decides when to acknowledge what has been received. */
export class Acknowledger {
  readonly #clock: Clock;
  readonly #send: () => void;
  #unacknowledged = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, send: () => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /**
   * Notes a batch that the application has received.
   * @param entries The number of its events and results.
   * @param urgent True if somebody waits for a receipt.
   */
  note(entries: number, urgent: boolean, limits: Limits): void {
    this.#unacknowledged += entries;
    if (this.#unacknowledged === 0) return;
    if (urgent || this.#unacknowledged >= limits.ackEvents) this.#acknowledge();
    else this.#timer ??= this.#clock.after(limits.ackIntervalMs, () => this.#acknowledge());
  }

  /** Forgets what is owed: the link is gone, and the next `Hello` says what has been received. */
  reset(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#unacknowledged = 0;
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
