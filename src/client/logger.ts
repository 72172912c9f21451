/** Where the client reports what it cannot tell the application in another way, for example a listener that threw. */
export interface Logger {
  /** Takes a sentence for people, and what was thrown, if anything was. */
  warn(message: string, cause?: unknown): void;
}

/** Reports nothing. */
export const silentLogger: Logger = { warn: () => {} };
