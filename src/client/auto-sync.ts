import { backOffMs } from "./connection/backoff.js";
import { AldisError } from "./error.js";
import type { Logger } from "./logger.js";
import type { Runtime, Timer } from "./runtime.js";

export interface AutoSyncOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** What the logger is told of a failure that stays, as a sentence. */
  readonly complaint: string;
  readonly sync: () => Promise<void>;
}

/** Syncs without being asked: tries again later while the server cannot answer, and reports what will not succeed. */
export class AutoSync {
  readonly #options: AutoSyncOptions;
  #failures = 0;
  #retry: Timer | undefined;
  /** Changes with each start and stop, so that the end of an earlier try means nothing. */
  #attempt = 0;

  constructor(options: AutoSyncOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    void this.#run(this.#attempt);
  }

  stop(): void {
    this.#attempt += 1;
    this.#failures = 0;
    this.#retry?.cancel();
  }

  async #run(attempt: number): Promise<void> {
    try {
      await this.#options.sync();
    } catch (thrown) {
      if (attempt === this.#attempt) this.#onFailed(thrown);
    }
  }

  #onFailed(thrown: unknown): void {
    const { runtime, logger, complaint } = this.#options;
    if (thrown instanceof AldisError && thrown.retryable) {
      this.#failures += 1;
      const waitMs = backOffMs(this.#failures, thrown.retryAfterMs, runtime.random());
      this.#retry = runtime.clock.after(waitMs, () => void this.#run(this.#attempt));
    } else logger.warn(complaint, thrown);
  }
}
