import { type LimitName, type Limits, limitTable } from "../../gen/aldis/v1/tables/limits.js";
import { fixedLimits } from "./config/fixed-limits.js";
import { renewTls } from "./config/redis-target.js";
import { settingNames } from "./config/schema.js";
import type { Config, LoadedConfig } from "./config.js";
import type { Clock, Timer } from "./runtime.js";

/** How often the configuration is looked at for changes, in milliseconds. */
const lookEveryMs = 10_000;

export interface ConfigWatchOptions {
  /** What the server was started with. What TLS with Redis needs is changed in place. */
  readonly started: Partial<Config>;
  /** The limits in force, which are changed in place: whoever counts by them reads them at each use. */
  readonly limits: Limits;
  /** Reads the configuration anew. */
  readonly load: () => LoadedConfig;
  readonly clock: Clock;
  /** Where changes, and what cannot change, are told in sentences. */
  readonly log: Record<"info" | "warn" | "error", (sentence: string) => void>;
}

/**
 * The configuration of a server that runs: its limits may change, and the certificates by which it and Redis know each other. One that is
 * wrong is told, and changes nothing.
 */
export class ConfigWatch {
  private seen: string | undefined;
  private timer: Timer | undefined;

  constructor(private readonly options: ConfigWatchOptions) {}

  /** Looks at the configuration from time to time. */
  start(): void {
    this.timer = this.options.clock.every(lookEveryMs, () => this.look({ asked: false }));
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** Looks at the configuration now, because somebody has asked for it: says what it finds, also if that is not new. */
  reload(): void {
    this.look({ asked: true });
  }

  private look({ asked }: { readonly asked: boolean }): void {
    const loaded = this.options.load();
    const content = JSON.stringify(loaded);
    if (content === this.seen && !asked) return;
    this.seen = content;
    if (loaded.ok) this.take(loaded.config, asked);
    else for (const problem of loaded.problems) this.options.log.error(`the configuration is not taken: ${problem}`);
  }

  private take(config: Config, asked: boolean): void {
    const { limits, log, started } = this.options;
    const others = (Object.keys(limitTable) as LimitName[]).filter((name) => config.limits[name] !== limits[name]);
    const changes = others.filter((name) => !fixedLimits.has(name));
    const kept = others.filter((name) => fixedLimits.has(name));
    const renewed = renewTls(started.redis, config.redis);
    const waiting = [...this.otherSettings(config), ...kept.map((name) => `limits.${name}`)];
    const told = changes.map((name) => `${name} from ${limits[name]} to ${config.limits[name]}`);
    for (const name of changes) limits[name] = config.limits[name];
    if (told.length > 0) log.info(`limits have changed: ${told.join(", ")}`);
    if (renewed) log.info("the certificates for Redis have changed: connections that are made from now on go by the new ones");
    if (waiting.length > 0) log.warn(`these have changed and wait for a restart: ${waiting.join(", ")}`);
    if (asked && !renewed && told.length + waiting.length === 0) log.info("the settings and limits are as they were");
  }

  /** The settings besides limits that the server was not started with. Values stay untold: some are secret. */
  private otherSettings(config: Config): readonly string[] {
    const before: Readonly<Record<string, unknown>> = this.options.started;
    const after: Readonly<Record<string, unknown>> = config;
    return settingNames.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  }
}
