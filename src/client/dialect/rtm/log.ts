import { messageOf } from "../../error.js";
import { type Logger, silentLogger } from "../../logger.js";
import type { Clock } from "../../runtime.js";
import { appendLine } from "./log-file.js";

/** Which lines are logged: each value has the bits of those above it. */
export const LogFilter = { OFF: 0, CRITICAL: 0x8, ERROR: 0xc, WARN: 0xe, INFO: 0xf, MASK: 0x80f } as const;
export type LogFilter = (typeof LogFilter)[keyof typeof LogFilter];

/** The same in the form of the Web SDK. */
export interface LogFilterType {
  error: boolean;
  warn: boolean;
  info: boolean;
  track: boolean;
  debug: boolean;
}

const levels = { warn: 0x2, info: 0x1 } as const;

/** Where a client writes what it cannot tell its application in another way: the logger of the options, and a file. */
export class RtmLog implements Logger {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #filter: number = LogFilter.INFO;
  #path: string | undefined;

  constructor(clock: Clock, logger: Logger = silentLogger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Writes to a file from now on. An empty path ends that. */
  setFile(path: string): void {
    this.#path = path || undefined;
  }

  setFilter(filter: LogFilter | LogFilterType): void {
    this.#filter = typeof filter === "number" ? filter : bitsOf(filter);
  }

  warn(message: string, cause?: unknown): void {
    if (!this.#lets("warn")) return;
    this.#logger.warn(message, cause);
    this.#write("warn", cause === undefined ? message : `${message} ${messageOf(cause)}`);
  }

  /** Writes what is no fault: to the file only. */
  info(message: string): void {
    if (this.#lets("info")) this.#write("info", message);
  }

  #lets(level: keyof typeof levels): boolean {
    return (this.#filter & levels[level]) !== 0;
  }

  #write(level: string, message: string): void {
    if (this.#path !== undefined) appendLine(this.#path, `${this.#clock.now()} ${level} ${message}`);
  }
}

function bitsOf({ error, warn, info }: LogFilterType): number {
  return (error ? LogFilter.ERROR : 0) | (warn ? levels.warn : 0) | (info ? levels.info : 0);
}
