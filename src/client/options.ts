import type { Logger } from "./logger.js";
import type { Runtime } from "./runtime.js";
import type { Transport } from "./transport/transport.js";

/** A token, or what makes one. It is asked before each login and when the token is about to expire. */
export type TokenSource = string | (() => string | Promise<string>);

/** How one call behaves. */
export interface CallOptions {
  /** The time in milliseconds after which the call fails with `TIMEOUT`. Default: `callTimeoutMs` of the client. */
  readonly timeoutMs?: number;
  /** Ends the wait with `CANCELED`. What was sent may still take effect. */
  readonly signal?: AbortSignal;
  /** Called in step with the events when the call is over: before those that come later. The promise is settled soon after. */
  readonly onSettled?: () => void;
}

/** How one login behaves. */
export interface LoginOptions {
  /** The time in milliseconds after which the login fails with `TIMEOUT`. Default: `loginTimeoutMs` of the client. */
  readonly timeoutMs?: number;
  /** The most tries to reach the server; after the last one the login fails as that one did. Default: no limit. */
  readonly maxTries?: number;
  /** Ends the login with `CANCELED`. */
  readonly signal?: AbortSignal;
}

/** What a client needs besides a transport. */
export interface ClientOptions {
  /** The app. */
  readonly appId: string;
  /** The user who logs in. */
  readonly userId: string;
  /** The token of the user. Empty only where the server lets users in without one. */
  readonly token: TokenSource;
  /** A name of the device, for operators. Default: none. */
  readonly deviceLabel?: string;
  /** The time in milliseconds that a login, or one try to reconnect, may take. Default: 10,000. */
  readonly loginTimeoutMs?: number;
  /** The time in milliseconds after which a call fails with `TIMEOUT`. Default: 12,000, above the server's own for receipts. */
  readonly callTimeoutMs?: number;
  /** The longest time in milliseconds for which the server may hold channel traffic back. Default: the server's. 0 for never. */
  readonly maxBatchDelayMs?: number;
  /** True if the user's attributes end with the session: at a logout, or after 30 s away. Default: they are kept. */
  readonly attributesEndWithSession?: boolean;
  /** Where warnings go. Default: nowhere. */
  readonly logger?: Logger;
  /** Time and randomness. Default: those of the system. */
  readonly runtime?: Runtime;
}

/** What the core of the client needs. */
export interface CoreOptions extends ClientOptions {
  /** The way to the server. */
  readonly transport: Transport;
}
