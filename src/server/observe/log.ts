import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** A logger that writes one JSON object a line on standard error, so that standard output stays for what a command prints. */
export function createLogger(level: string): Logger {
  return pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: false }));
}

/** A logger that says nothing: that of an embedded server unless the application gives one. */
export function silentLogger(): Logger {
  return pino({ level: "silent" });
}
