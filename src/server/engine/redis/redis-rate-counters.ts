import type { RateCounters } from "../ports/rate-counters.js";
import { numberOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { takeRate } from "./scripts/take-rate.js";

/** Rate counters in Redis, on its time. One round trip for each event; none where there is nothing to count. */
export class RedisRateCounters implements RateCounters {
  readonly #runner: Runner;

  constructor({ runner }: { runner: Runner }) {
    this.#runner = runner;
  }

  async take(key: string, limit: number, windowMs: number): Promise<number> {
    if (limit === Number.POSITIVE_INFINITY) return 0;
    if (limit < 1) return windowMs;
    const args = { limit: Math.ceil(limit), windowMs };
    return numberOf(await this.#runner.run(takeRate, `rate/${key}`, args, { suffix: String(windowMs) }));
  }
}
