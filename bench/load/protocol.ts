import type { WireName } from "../wire/wires.js";
import type { ServerAddress } from "./connection.js";

/** What a process of sinks can be told, and what it answers. */
export interface SinkCommands {
  /** Connects members with the numbers from `first` on, some at a time; answers when all are in their channels. */
  connect(request: {
    readonly wire: WireName;
    /** The nodes over which members are spread. */
    readonly servers: readonly ServerAddress[];
    readonly secret: string;
    readonly first: number;
    readonly count: number;
    /** The channels over which members are spread. 0: they are in none. */
    readonly channels: number;
  }): Promise<void>;
  /** Lets the members with the numbers from `first` on join one channel more. */
  join(request: { readonly first: number; readonly channels: number }): Promise<void>;
  /** Forgets what was measured. What was received stays counted. */
  reset(): Promise<void>;
  /** What was measured since the last reset. */
  collect(): Promise<SinkReport>;
  /** One in so many members reads nothing more. */
  stall(oneIn: number): Promise<void>;
  /** Cuts all connections without a word. */
  cut(): Promise<void>;
  /** Connects all again, at once, with a back-off after a failure; answers when all are back. */
  reconnect(): Promise<void>;
  /** Ends all sessions, closes all connections, and forgets the members. */
  leave(): Promise<void>;
}

/** What sinks have heard. */
export interface SinkReport {
  /** Latency from the moment a message was due, in microseconds: the counts of a `Histogram`. */
  readonly latencies: Float64Array;
  readonly deliveries: number;
  readonly batches: number;
  readonly bytes: number;
  /** When the last delivery came, on the shared clock. */
  readonly lastMicros: number;
  /** Since the start: messages received by members that read, each once. */
  readonly received: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly toldLost: number;
  /** The members that read. */
  readonly members: number;
  /** What went wrong with members that read; at most ten. */
  readonly problems: readonly string[];
}

export interface SinkRequest {
  readonly id: number;
  readonly name: keyof SinkCommands;
  readonly argument: unknown;
}

/** An answer to a request, or for how many messages members that read can account so far: they came, or are told to be lost. */
export type SinkReply =
  | { readonly accounted: number }
  | { readonly id: number; readonly value?: unknown; readonly failure?: string };

/** The channel of a member, by its number, where members are spread evenly over so many channels. */
export function channelName(channels: number, member: number): string {
  return `bench-${channels}-${member % channels}`;
}
