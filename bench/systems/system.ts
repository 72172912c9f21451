import type { ServerAddress } from "../load/connection.js";
import type { WireName } from "../wire/wires.js";

/** A running server, in a process of its own. */
export interface RunningServer {
  readonly pid: number;
  readonly address: ServerAddress;
  /** The secret with which its tokens are signed. Empty for a system without tokens. */
  readonly secret: string;
  /** The other nodes of its cluster, with the same secret. By default it is alone. */
  readonly others?: readonly RunningServer[];
  stop(): Promise<void>;
}

/** The batches that a server makes, as its clients see them. */
export interface Batches {
  /** Deliveries in a batch, on average. */
  readonly size: number;
  /** Bytes on the wire for a delivery, on average. */
  readonly bytesPerDelivery: number;
}

export interface StartOptions {
  /** The batches of Aldis under the same load, for the systems that are its floor. */
  readonly batches?: Batches;
  /** Where Aldis writes a CPU profile when it stops. Default: it writes none. */
  readonly profileDir?: string;
}

/** Something that takes messages to the members of a channel. */
export interface System {
  readonly name: string;
  /** What it is, for a report. */
  readonly about: string;
  readonly wire: WireName;
  /** True for one that does little but write what Aldis has written under the same load. */
  readonly isFloor?: boolean;
  /** Its version; undefined if it is not installed. */
  version(): string | undefined;
  start(options: StartOptions): Promise<RunningServer>;
}
