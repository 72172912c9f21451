import { ConnectionState as ClientState } from "../../../../gen/aldis/v1/connection.js";
import { AldisClient } from "../../client.js";
import { type DialectOptions, transportOf } from "../shared/options.js";

/** Whose session it is. */
export interface SessionOptions {
  readonly appId: string;
  readonly uid: string;
  readonly token: string;
  readonly options: DialectOptions;
}

/** The time in milliseconds that a call may take. */
const CALL_TIMEOUT_MS = 10_000;

/** What one login makes: the user's client, until the login has failed or is over. */
export class Session {
  readonly uid: string;
  readonly client: AldisClient;
  /** True as soon as `logout` was called: the application wants to hear no more. */
  loggedOut = false;

  constructor({ appId, uid, token, options }: SessionOptions) {
    this.uid = uid;
    this.client = new AldisClient({
      appId,
      userId: uid,
      token,
      transport: transportOf(options),
      // The old system tried for ever.
      loginTimeoutMs: Number.POSITIVE_INFINITY,
      callTimeoutMs: CALL_TIMEOUT_MS,
      logger: options.logger,
      runtime: options.runtime,
    });
  }

  /** True when the login has succeeded, also while the link is away. */
  get begun(): boolean {
    return this.connected || this.client.state === ClientState.RECONNECTING;
  }

  /** True while there is a link. */
  get connected(): boolean {
    return this.client.state === ClientState.CONNECTED;
  }
}
