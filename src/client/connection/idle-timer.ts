import type { Clock, Timer } from "../runtime.js";

/** Says that nothing has happened for a time. To note that something has is cheap: it plans no timer. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  #last = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  /** Begins to watch, or begins anew with another time. `onIdle` is called after each `idleMs` in which nothing happened. */
  start(idleMs: number): void {
    this.touch();
    this.#plan(idleMs, idleMs);
  }

  /** Notes that something has happened. */
  touch(): void {
    this.#last = this.#clock.monotonic();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #plan(waitMs: number, idleMs: number): void {
    this.stop();
    this.#timer = this.#clock.after(waitMs, () => {
      const leftMs = this.#last + idleMs - this.#clock.monotonic();
      if (leftMs > 0) {
        this.#plan(leftMs, idleMs);
        return;
      }
      this.start(idleMs);
      this.#onIdle();
    });
  }
}
