/** The time between two ticks of a member, in milliseconds. */
export const tickMs = 1000;

/** Who is at the client's end of a connection. */
export interface Member {
  readonly userId: string;
  /** A token, for systems that want one. */
  readonly token: string;
  /** The channels that it is in. For all systems but Aldis there is one at most, and its name is the topic. */
  readonly channels: readonly string[];
  /** Whether it sends to its channels instead of listening to them. */
  readonly sends: boolean;
  /** The session to go on with, where a system has such a thing. */
  readonly session?: SessionState;
}

/** What a client of Aldis knows of its session. */
export interface SessionState {
  id: string;
  resumeToken: string;
  events: number;
  results: number;
  calls: number;
}

/** What a wire tells of. */
export interface WireHost {
  /** Sends bytes to the server. */
  write(bytes: Buffer | string): void;
  /** The member is in its channels: what is sent from now on comes to it. */
  ready(): void;
  /** A delivery stands between two offsets of a buffer. */
  delivery(buffer: Buffer, start: number, end: number): void;
  /** The server has told the member that so many messages do not come to it. */
  missed(messages: number): void;
  /** The server has written once: one frame of its protocol, or one batch. */
  batch(): void;
  /** The connection is of no use any more. */
  failed(reason: string): void;
}

/**
 * The client's end of one connection: bytes in, deliveries out, and nothing else. All systems are listened to this way, so that
 * listening costs the same, and costs little.
 */
export interface Wire {
  /** The connection is there. */
  open(): void;
  receive(chunk: Buffer): void;
  /** Sends a text to a channel of the member. */
  publish(channel: string, text: string): void;
  /** Called every `tickMs`: heartbeats, and what waits to be acknowledged. */
  tick(): void;
  /** Joins one more channel; `ready` follows. */
  join?(channel: string): void;
  /** Ends the session, where closing the connection would not; `ready` follows. */
  leave?(): void;
  /** What is needed to go on with the session over another connection. */
  readonly session?: SessionState;
}

const firstCapacity = 16 * 1024;

/** Bytes of a stream until they are whole: what a parser leaves over stands before what comes next. */
export class Remainder {
  /** What is left over stands at its beginning. */
  private held = Buffer.alloc(0);
  private length = 0;

  /** Gives a chunk to a parser, which says how many bytes it has used, and keeps none of them: their place is used again. */
  feed(chunk: Buffer, parse: (bytes: Buffer) => number): void {
    if (this.length === 0) return this.append(chunk.subarray(parse(chunk)));
    this.append(chunk);
    const used = parse(this.held.subarray(0, this.length));
    this.held.copyWithin(0, used, this.length);
    this.length -= used;
  }

  private append(bytes: Buffer): void {
    const length = this.length + bytes.length;
    if (length > this.held.length) {
      const larger = Buffer.alloc(Math.max(firstCapacity, this.held.length * 2, length));
      this.held.copy(larger, 0, 0, this.length);
      this.held = larger;
    }
    bytes.copy(this.held, this.length);
    this.length = length;
  }
}
