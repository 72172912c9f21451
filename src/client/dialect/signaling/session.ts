import { ConnectionReason, ConnectionState } from "../../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { AldisClient } from "../../client.js";
import { failure, messageOf } from "../../error.js";
import { silentLogger } from "../../logger.js";
import { systemRuntime, type Timer } from "../../runtime.js";
import { codeOf } from "../shared/codes.js";
import { adminTransportOf, type DialectOptions, transportOf } from "../shared/options.js";
import { Calls } from "./calls.js";
import { checkAccount } from "./checks.js";
import { AgoraEcode, LoginState } from "./codes.js";
import { Messages } from "./messages.js";
import { Operations } from "./operations.js";
import { Queries } from "./queries.js";
import { Room } from "./room.js";
import { SpecialChannels } from "./special-channels.js";
import type { Teller } from "./teller.js";

/** Who logs in. */
export interface Identity {
  readonly appId: string;
  readonly account: string;
  readonly token: string;
}

/** The way to the server, and what an operator has. */
export interface SignalingOptions extends DialectOptions {
  /** The key of an operator, for the special channels. A secret. Default: none. */
  readonly adminKey?: string;
}

/** When a login gives up: after the time or the tries, whichever comes first. */
export interface RetryLimits {
  readonly timeMs: number;
  readonly tries: number;
}

/** The token of those who log in without one, where the server lets them. */
const NO_TOKEN = "_no_need_token";
/** The time in milliseconds that a call may take. */
const CALL_TIMEOUT_MS = 10_000;

/** One login of a user, from `login` to `onLogout`. Without a login its calls fail, since nobody is logged in. */
export class Session {
  readonly room: Room;
  readonly specialChannels: SpecialChannels;
  readonly calls: Calls;
  readonly messages: Messages;
  readonly operations: Operations;
  readonly queries: Queries;
  readonly #identity: Identity;
  readonly #client: AldisClient;
  readonly #teller: Teller;
  readonly #canceler = new AbortController();
  readonly #runtime;
  /** True from `login` until the client logs in. */
  #isWaiting = false;
  #isLoggedIn = false;
  #isEnding = false;
  #giveUpTimer: Timer | undefined;

  constructor(identity: Identity, teller: Teller, options: SignalingOptions) {
    const { appId, account, token } = identity;
    const { runtime = systemRuntime, logger = silentLogger, adminKey } = options;
    this.#identity = identity;
    this.#teller = teller;
    this.#runtime = runtime;
    this.#client = new AldisClient({
      appId,
      userId: account,
      token: token === NO_TOKEN ? "" : token,
      transport: transportOf(options),
      callTimeoutMs: CALL_TIMEOUT_MS,
      runtime,
      logger: {
        warn(message, cause) {
          logger.warn(message, cause);
          teller.log(cause === undefined ? message : `${message} ${messageOf(cause)}`);
        },
      },
    });
    this.#client.on("stateChanged", ({ state, reason }) => this.#onState(state, reason));
    this.#client.on("comingBack", ({ tries }) => teller.tell(["onReconnecting", tries]));
    this.#client.on("tokenExpired", ({ error }) => {
      // There is no way to renew a token, so who cannot come back with it has to log in again.
      if (this.#client.state !== ConnectionState.RECONNECTING) return;
      this.#end(ConnectionReason.TOKEN_EXPIRED, codeOf("SIGNALING_LOGOUT", error));
    });
    const openAdmin = adminKey === undefined ? undefined : () => adminTransportOf(options, adminKey);
    this.specialChannels = new SpecialChannels({ client: this.#client, appId, runtime, teller, openAdmin });
    this.room = new Room(this.#client, teller);
    this.calls = new Calls(this.#client, teller);
    this.messages = new Messages(this.#client, teller, runtime);
    this.operations = new Operations(this.#client);
    this.queries = new Queries(account, this.operations, teller);
  }

  /** One of `LoginState`. */
  get status(): number {
    if (this.#isEnding) return LoginState.LOGIN_STATE_NOT_LOGIN;
    if (this.#isWaiting) return LoginState.LOGIN_STATE_LOGINING;
    return dialectCode("SIGNALING_STATUS", "ConnectionState", this.#client.state);
  }

  /** Logs in as soon as the session before is over. */
  async login(before: Promise<void>, { timeMs, tries }: RetryLimits): Promise<void> {
    this.#isWaiting = true;
    await before;
    this.#isWaiting = false;
    try {
      checkIdentity(this.#identity);
      await this.#client.login({ timeoutMs: timeMs, maxTries: tries, signal: this.#canceler.signal });
    } catch (thrown) {
      this.#isEnding = true;
      this.#teller.tell(["onLoginFailed", codeOf("SIGNALING_LOGIN", thrown)]);
    }
  }

  /** Logs out. Resolves when the server has the user no more. */
  async logout(): Promise<void> {
    switch (this.status) {
      case LoginState.LOGIN_STATE_NOT_LOGIN:
        this.#teller.tell(["onLogout", codeOf("SIGNALING_LOGOUT", failure(ErrorCode.NOT_LOGGED_IN, "Nobody is logged in."))]);
        break;
      case LoginState.LOGIN_STATE_LOGINING:
        this.#isEnding = true;
        this.#canceler.abort();
        break;
      default:
        this.#isEnding = true;
        await this.#client.logout();
    }
  }

  /** Ends it, whatever it does. Nothing of it is told any more. */
  close(): void {
    this.#isEnding = true;
    this.#giveUpTimer?.cancel();
    this.#canceler.abort();
    this.specialChannels.end(AgoraEcode.LEAVECHANNEL_E_LOGOUT);
    void this.#client.close();
  }

  #onState(state: ConnectionState, reason: ConnectionReason): void {
    switch (state) {
      case ConnectionState.CONNECTED:
        this.#giveUpTimer?.cancel();
        this.#teller.tell(this.#isLoggedIn ? ["onReconnected", 0] : ["onLoginSuccess", 0, 0]);
        this.#isLoggedIn = true;
        break;
      case ConnectionState.RECONNECTING:
        this.#giveUpTimer = this.#runtime.clock.after(defaultLimits.presenceGraceMs, () =>
          this.#end(ConnectionReason.INTERRUPTED),
        );
        break;
      case ConnectionState.DISCONNECTED:
      case ConnectionState.ABORTED:
        this.#end(reason);
        break;
      default:
        break;
    }
  }

  /** The session is over. It is told once. */
  #end(reason: ConnectionReason, ecode = dialectCode("SIGNALING_LOGOUT", "ConnectionReason", reason)): void {
    if (!this.#isLoggedIn) return;
    this.#isLoggedIn = false;
    const leaveCode = dialectCode("SIGNALING_LEAVE", "ConnectionReason", reason);
    this.room.end(leaveCode);
    this.specialChannels.end(leaveCode);
    this.#teller.tell(["onLogout", ecode]);
    this.close();
  }
}

/** Throws for what the server is not asked about. */
function checkIdentity({ appId, account, token }: Identity): void {
  if (!appId || !token) throw failure(ErrorCode.NOT_CONNECTED, "A login needs an app id and a token.");
  checkAccount(account);
}
