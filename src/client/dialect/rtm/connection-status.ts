import { ConnectionState as NativeState } from "../../../../gen/aldis/v1/connection.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { ClientEvents } from "../../events.js";
import type { Clock, Timer } from "../../runtime.js";
import { ConnectionChangeReason, ConnectionState } from "./status-code.js";
import { ConnectionChangeReasonNumber, ConnectionStateNumber, nameOf } from "./status-numbers.js";

/** The time in milliseconds for which a lost link is not told. */
const PATIENCE_MS = 4_000;

/** The connection as RTM shows it: a link that is back within 4 seconds was never away. */
export class ConnectionStatus {
  readonly #clock: Clock;
  readonly #tell: (state: ConnectionState, reason: ConnectionChangeReason) => void;
  #state: ConnectionState = ConnectionState.DISCONNECTED;
  #lost: Timer | undefined;

  constructor(clock: Clock, tell: (state: ConnectionState, reason: ConnectionChangeReason) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Takes a transition of the client. */
  take(change: ClientEvents["stateChanged"]): void {
    const wasLost = this.#lost !== undefined;
    this.#lost?.cancel();
    this.#lost = undefined;
    if (change.state === NativeState.RECONNECTING) this.#lost = this.#clock.after(PATIENCE_MS, () => this.#onLost(change));
    else if (!wasLost || change.state !== NativeState.CONNECTED) this.#show(change);
  }

  #onLost(change: ClientEvents["stateChanged"]): void {
    this.#lost = undefined;
    this.#show(change);
  }

  #show({ state, reason }: ClientEvents["stateChanged"]): void {
    const stateNumber = dialectCode("RTM_CONNECTION_STATE", "ConnectionState", state);
    const reasonNumber = dialectCode("RTM_CONNECTION_REASON", "ConnectionReason", reason);
    this.#state = nameOf(ConnectionStateNumber, stateNumber, ConnectionState.DISCONNECTED);
    this.#tell(this.#state, nameOf(ConnectionChangeReasonNumber, reasonNumber, ConnectionChangeReason.INTERRUPTED));
  }
}
