import { ConnectionState } from "../../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { AldisClient } from "../../client.js";
import { failure } from "../../error.js";
import type { Transport } from "../../transport/transport.js";
import type { ConnectionStatus } from "./connection-status.js";
import type { RtmContext } from "./context.js";
import { checkUserId } from "./identifiers.js";

/** The time in milliseconds that a login may take. */
const LOGIN_TIMEOUT_MS = 6_000;

export interface LoginParts {
  readonly appId: string;
  readonly context: RtmContext;
  readonly status: ConnectionStatus;
  readonly transport: Transport;
  /** Told of the client of each login, before it is used. */
  readonly onClient: (client: AldisClient) => void;
}

/** Logs in and out. Each login has a client of its own, since the user may be another one. */
export class Login {
  readonly #parts: LoginParts;
  #onSettled: (() => void)[] = [];

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** Logs in. The attributes of the user end with the session. */
  login(userId: string, token: string): Promise<void> {
    const { context } = this.#parts;
    return context.answer("RTM_LOGIN", async (onSettled) => {
      context.checkAlive();
      if (context.client !== undefined) throw failure(ErrorCode.ALREADY_LOGGED_IN, "Log out before the next login.");
      checkUserId(userId);
      const client = this.#createClient(userId, token);
      context.client = client;
      this.#onSettled.push(onSettled);
      await client.login();
    });
  }

  /** Logs out, in every state but `DISCONNECTED`. */
  logout(): Promise<void> {
    const { context } = this.#parts;
    return context.answer("RTM_LOGOUT", async (onSettled) => {
      const client = context.session();
      this.#onSettled.push(onSettled);
      await client.logout();
    });
  }

  #createClient(userId: string, token: string): AldisClient {
    const { appId, context, status, transport, onClient } = this.#parts;
    const client = new AldisClient({
      appId,
      userId,
      token,
      transport,
      runtime: context.runtime,
      logger: context.log,
      loginTimeoutMs: LOGIN_TIMEOUT_MS,
      attributesEndWithSession: true,
    });
    onClient(client);
    client.on("stateChanged", (change) => {
      if (change.state === ConnectionState.DISCONNECTED) context.client = undefined;
      status.take(change);
      // The state is told first, and then the answer to the login or logout that led to it.
      if (change.state !== ConnectionState.CONNECTING) for (const settled of this.#onSettled.splice(0)) settled();
    });
    return client;
  }
}
