import type { Clock, Timer } from "../../runtime.js";
import type { NetworkType } from "./enums/states.js";
import type { Host } from "./host.js";
import { type SysStats, statisticsOf } from "./statistics.js";

/** Told of what the host does. */
export interface MonitorListener {
  onStatistics(stats: SysStats): void;
  onNetworkType(type: NetworkType): void;
}

const INTERVAL_MS = 2_000;

/** Looks at the host every 2 seconds. */
export class Monitor {
  readonly #clock: Clock;
  readonly #host: Host;
  readonly #listener: MonitorListener;
  #timer: Timer;

  constructor(clock: Clock, host: Host, listener: MonitorListener) {
    this.#clock = clock;
    this.#host = host;
    this.#listener = listener;
    this.#timer = this.#plan();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #plan(figures = this.#host.figures(), type = this.#host.networkType()): Timer {
    return this.#clock.after(INTERVAL_MS, () => {
      const [nextFigures, nextType] = [this.#host.figures(), this.#host.networkType()];
      this.#timer = this.#plan(nextFigures, nextType);
      this.#listener.onStatistics(statisticsOf(figures, nextFigures));
      if (nextType !== type) this.#listener.onNetworkType(nextType);
    });
  }
}
