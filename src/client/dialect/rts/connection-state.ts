import { ConnectionState as ClientState } from "../../../../gen/aldis/v1/connection.js";
import type { Clock, Timer } from "../../runtime.js";
import { ConnectionState } from "./enums/states.js";

/** The time in milliseconds after which a try, or a loss, counts as long. */
const LONG_MS = 10_000;

/** Tells the states of a client's connection as the old system counted them. */
export class ConnectionStateTeller {
  readonly #clock: Clock;
  readonly #tell: (state: ConnectionState) => void;
  #timer: Timer | undefined;
  #lost = false;

  constructor(clock: Clock, tell: (state: ConnectionState) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Takes the client's next state. */
  take(state: ClientState): void {
    this.stop();
    switch (state) {
      case ClientState.CONNECTING:
        this.#tell(ConnectionState.Connecting);
        this.#tellLater(ConnectionState.Reconnecting);
        break;
      case ClientState.CONNECTED:
        this.#tell(this.#lost ? ConnectionState.Reconnected : ConnectionState.Connected);
        break;
      case ClientState.RECONNECTING:
        this.#lost = true;
        this.#tell(ConnectionState.Disconnected);
        this.#tell(ConnectionState.Reconnecting);
        this.#tellLater(ConnectionState.Lost);
        break;
      case ClientState.DISCONNECTED:
        this.#tell(ConnectionState.Disconnected);
        break;
      case ClientState.ABORTED:
        this.#tell(ConnectionState.Failed);
        break;
    }
  }

  /** Forgets what was to be told later. */
  stop(): void {
    this.#timer?.cancel();
  }

  #tellLater(state: ConnectionState): void {
    this.#timer = this.#clock.after(LONG_MS, () => this.#tell(state));
  }
}
