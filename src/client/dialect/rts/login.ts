import { ConnectionState as ClientState, ConnectionReason } from "../../../../gen/aldis/v1/connection.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import { messageOf } from "../../error.js";
import type { Clock } from "../../runtime.js";
import { codeOf } from "../shared/codes.js";
import type { DialectOptions } from "../shared/options.js";
import { ConnectionStateTeller } from "./connection-state.js";
import { LoginErrorCode, type LogoutReason } from "./enums/results.js";
import type { ConnectionState } from "./enums/states.js";
import { isId } from "./ids.js";
import { Session } from "./session.js";

/** Told of what becomes of logins. */
export interface LoginListener {
  /** A login was begun, and nothing has come of it yet. */
  onBegin(session: Session): void;
  onResult(uid: string, code: LoginErrorCode, elapsed: number): void;
  onReconnected(session: Session): void;
  onLogout(reason: LogoutReason): void;
  onConnectionState(state: ConnectionState): void;
  onWarning(sentence: string): void;
}

export interface LoginOptions {
  readonly appId: string;
  readonly clock: Clock;
  /** The options that hold for the next login. */
  readonly options: () => DialectOptions;
}

/** Logs in and out, one user at a time. */
export class Login {
  readonly #options: LoginOptions;
  readonly #listener: LoginListener;
  #session: Session | undefined;
  /** The user whose login failed for its token: another token logs in again. */
  #refusedUid: string | undefined;
  /** When the login was called, or the link was lost, on the monotonic clock. */
  #startedAt = 0;
  #refusalTold = false;
  #lastLogout: Promise<void> = Promise.resolve();

  constructor(options: LoginOptions, listener: LoginListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** What there is of a login that is under way or has succeeded. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Logs in. Returns 0, -1 without a user id, or -2 if there is a login already. */
  login(token: string, uid: string): number {
    if (uid === "") return -1;
    if (this.#session !== undefined) return -2;
    this.#refusedUid = undefined;
    if (isId(uid)) this.#begin(token, uid);
    else this.#listener.onResult(uid, LoginErrorCode.InvalidUserId, 0);
    return 0;
  }

  /** Logs out. Does nothing without a login. */
  logout(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#refusedUid = undefined;
    if (session === undefined) return;
    session.loggedOut = true;
    // A login that waits for the logout before it has not begun to connect, so its client tells nothing.
    if (session.client.state === ClientState.DISCONNECTED) this.#listener.onLogout(logoutReason(ConnectionReason.LOGOUT));
    else this.#lastLogout = session.client.logout();
  }

  /** Goes on with another token; after a login that failed for its token, logs in again. */
  updateToken(token: string): void {
    this.#refusalTold = false;
    if (this.#session === undefined && this.#refusedUid !== undefined) this.login(token, this.#refusedUid);
    else this.#session?.client.renewToken(token).catch((thrown) => this.#listener.onWarning(messageOf(thrown)));
  }

  #begin(token: string, uid: string): void {
    const { appId, clock, options } = this.#options;
    const session = new Session({ appId, uid, token, options: options() });
    const states = new ConnectionStateTeller(clock, (state) => this.#listener.onConnectionState(state));
    let reconnecting = false;
    this.#session = session;
    this.#startedAt = clock.monotonic();
    session.client.on("stateChanged", ({ state, reason }) => {
      states.take(state);
      if (state === ClientState.CONNECTED) this.#onConnected(session, reconnecting);
      else this.#onState(session, state, reason);
      reconnecting = state === ClientState.RECONNECTING;
    });
    session.client.on("tokenExpired", ({ error }) => this.#onTokenExpired(session, error));
    this.#listener.onBegin(session);
    this.#lastLogout
      .then(() => (session.loggedOut ? undefined : session.client.login()))
      .catch((thrown) => this.#onFailed(session, thrown));
  }

  #onState(session: Session, state: ClientState, reason: ConnectionReason): void {
    switch (state) {
      case ClientState.RECONNECTING:
        this.#startedAt = this.#options.clock.monotonic();
        this.#refusalTold = false;
        break;
      case ClientState.DISCONNECTED:
        if (session.loggedOut) this.#listener.onLogout(logoutReason(reason));
        break;
      case ClientState.ABORTED:
        this.#session = undefined;
        this.#listener.onLogout(logoutReason(reason));
        break;
    }
  }

  #onConnected(session: Session, again: boolean): void {
    if (again) this.#listener.onReconnected(session);
    else this.#listener.onResult(session.uid, LoginErrorCode.Success, this.#elapsed());
  }

  #onFailed(session: Session, thrown: unknown): void {
    if (session.loggedOut) return;
    const code = codeOf("RTS_LOGIN", thrown) as LoginErrorCode;
    this.#session = undefined;
    if (code === LoginErrorCode.InvalidToken) this.#refusedUid = session.uid;
    this.#listener.onResult(session.uid, code, this.#elapsed());
  }

  /** Each try to reconnect is refused anew; the application hears of a token once. */
  #onTokenExpired(session: Session, error: unknown): void {
    if (session.loggedOut || session.connected || this.#refusalTold) return;
    this.#refusalTold = true;
    this.#listener.onResult(session.uid, codeOf("RTS_LOGIN", error) as LoginErrorCode, this.#elapsed());
  }

  #elapsed(): number {
    return Math.round(this.#options.clock.monotonic() - this.#startedAt);
  }
}

function logoutReason(reason: ConnectionReason): LogoutReason {
  return dialectCode("RTS_LOGOUT", "ConnectionReason", reason) as LogoutReason;
}
