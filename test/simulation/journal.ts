import { createHash } from "node:crypto";
import type { LeaveReason, MembershipState, Recovery } from "../../gen/aldis/v1/channel.js";
import type { ConnectionReason, ConnectionState } from "../../gen/aldis/v1/connection.js";
import type { ErrorCode } from "../../gen/aldis/v1/error.js";
import type { Position } from "../../gen/aldis/v1/history.js";
import type { DeliveryOutcome } from "../../gen/aldis/v1/message.js";
import type { PresenceState } from "../../gen/aldis/v1/presence.js";
import type { SessionStart } from "../../gen/aldis/v1/session.js";
import type { Trouble } from "./trouble.js";

/** What a client asks for. Messages are known by a text that is in no other message. */
export type Question =
  | { readonly operation: "sendToPeer"; readonly to: string; readonly message: string; readonly storeIfAway: boolean }
  | { readonly operation: "sendToChannel"; readonly channel: string; readonly message: string }
  | { readonly operation: "join" | "leave" | "members" | "history"; readonly channel: string }
  | { readonly operation: "presence" | "subscribe" | "unsubscribe"; readonly users: readonly string[] }
  | { readonly operation: "writeAttributes"; readonly owner: string; readonly write: AttributeWish }
  | { readonly operation: "readAttributes"; readonly owner: string }
  | { readonly operation: "counts" | "login" | "logout" | "renewToken" | "invitation" | "wrong"; readonly about?: string };

/** What somebody wants to write. No two writes have the same value. Absent parts are empty. */
export interface AttributeWish {
  readonly kind: "set" | "update" | "delete" | "clear";
  readonly values?: readonly (readonly [key: string, value: string])[];
  readonly keys?: readonly string[];
  readonly expectedRevision?: number | undefined;
}

/** A set of attributes as somebody knows it. The owner is "user ann" or "channel room1". */
export interface AttributeState {
  readonly owner: string;
  readonly revision: number;
  readonly values: ReadonlyMap<string, string>;
}

/** What is told in the answer; each question fills what belongs to it. */
export interface Answer {
  readonly outcome?: DeliveryOutcome;
  readonly position?: Position;
  /** The revision after a write of attributes. */
  readonly revision?: number;
  readonly members?: readonly string[];
  readonly presences?: readonly { readonly userId: string; readonly state: PresenceState }[];
  readonly messages?: readonly PlacedMessage[];
}

/** A message and its place in its channel. */
export interface PlacedMessage {
  readonly epoch: string;
  readonly offset: number;
  readonly message: string;
  readonly sender: string;
}

/** How much of everything the server and the clients hold. */
export interface Measurement {
  readonly phase: "active" | "quiet" | "closed";
  readonly sessions: readonly { readonly user: string; readonly bytes: number; readonly events: number }[];
  readonly rooms: number;
  readonly lanes: number;
  /** Tasks planned by the server, beyond those of a server that nobody uses. */
  readonly serverTimers: number;
  readonly clientTimers: number;
  readonly mostBytes: number;
  readonly mostEvents: number;
  readonly connectedClients: number;
}

/** What a client knows of an invitation: that the server has it, that it rings, or what the client told of it. */
export type InvitationTold = "sent" | "rings" | "received" | "accepted" | "refused" | "cancelled" | "failed" | "ended";

/** Something that happens in the simulated world. */
export type Happening =
  | { readonly kind: "asked"; readonly call: number; readonly question: Question; readonly timeoutMs: number }
  | { readonly kind: "answered"; readonly call: number; readonly question: Question; readonly answer: Answer }
  | {
      readonly kind: "failed";
      readonly call: number;
      readonly question: Question;
      readonly code: ErrorCode;
      readonly name: string;
    }
  | { readonly kind: "state"; readonly state: ConnectionState; readonly reason: ConnectionReason }
  | { readonly kind: "session"; readonly start: SessionStart }
  | { readonly kind: "peerMessage"; readonly message: string; readonly sender: string }
  | ({ readonly kind: "channelMessage"; readonly channel: string } & PlacedMessage)
  | {
      readonly kind: "gap";
      readonly channel: string;
      readonly first: number;
      readonly last: number;
      readonly position: Position | undefined;
    }
  | { readonly kind: "rejoined"; readonly channel: string; readonly recovery: Recovery; readonly recovered: number }
  | {
      readonly kind: "membership";
      readonly channel: string;
      readonly state: MembershipState;
      readonly position: Position | undefined;
      readonly receivesOwn: boolean;
    }
  | { readonly kind: "memberJoined"; readonly channel: string; readonly user: string }
  | { readonly kind: "memberLeft"; readonly channel: string; readonly user: string; readonly reason: LeaveReason }
  | { readonly kind: "membersChanged"; readonly channel: string }
  | { readonly kind: "left"; readonly channel: string; readonly reason: LeaveReason }
  | {
      readonly kind: "invitation";
      readonly id: string;
      readonly told: InvitationTold;
      /** Why it failed or ended. 0 for the others, and if the server has forgotten it. */
      readonly reason: number;
    }
  | { readonly kind: "stranger"; readonly got: "nothing" | "welcome" | "session" | "event" }
  | { readonly kind: "fault"; readonly fault: string; readonly about: string }
  /** The process of a node has ended in the middle of what it did. */
  | { readonly kind: "crashed" }
  | { readonly kind: "started" }
  /** A node gets into trouble, or is rid of it. */
  | { readonly kind: "unwell" | "well"; readonly trouble: Trouble }
  /** What outlives nodes is lost: attributes, inboxes, invitations, and all that nodes share. */
  | {
      readonly kind: "dataLost";
      /** True if it is only what was written last, and sessions go on: nobody can tell their clients what is missing. */
      readonly newestOnly?: boolean;
    }
  /** What a client believes when all is quiet; of the server it is how things are. */
  | {
      readonly kind: "believes";
      /** The members of each channel; a client says of itself where it is one. */
      readonly members: readonly { readonly channel: string; readonly users: readonly string[] }[];
      readonly attributes: readonly AttributeState[];
      readonly presences: readonly { readonly userId: string; readonly state: PresenceState }[];
      /** Of the server: the owners whose attributes are to have ended by now. */
      readonly ended?: readonly string[];
    }
  | { readonly kind: "serverFailure"; readonly about: string }
  | { readonly kind: "quiet" }
  | { readonly kind: "measured"; readonly measurement: Measurement }
  /** A node has heard of the client, and takes it as a sign of life of its session. */
  | { readonly kind: "reached"; readonly node: string }
  /** A node has heard of a client that it has not welcomed yet. */
  | { readonly kind: "knocked"; readonly node: string };

/** One line of the journal. `who` is a client, such as "ann.1", a node, such as "node1", or "server" for all of them. */
export interface Entry {
  readonly at: number;
  readonly who: string;
  readonly what: Happening;
}

/** A frame that has arrived or was lost. */
export interface WireEntry {
  readonly at: number;
  readonly client: string;
  readonly node: string;
  /** To the node, or to the client. */
  readonly direction: "up" | "down";
  readonly lost: boolean;
  readonly bytes: Uint8Array;
}

export type JournalLine = { readonly entry: Entry } | { readonly wire: WireEntry };

/** Too many, and the frames that cause them are there anyway. */
const untold: ReadonlySet<Happening["kind"]> = new Set(["reached", "knocked", "measured", "believes"]);

/** All that happens, in order: told to the checkers, kept for the timeline, and summed up in a hash. */
export class Journal {
  readonly lines: JournalLine[] = [];
  readonly #hash = createHash("sha256");
  readonly #listeners: ((entry: Entry) => void)[] = [];
  readonly #monotonic: () => number;
  events = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  listen(listener: (entry: Entry) => void): void {
    this.#listeners.push(listener);
  }

  note(who: string, what: Happening): void {
    const entry = { at: this.#monotonic(), who, what };
    if (!untold.has(what.kind)) {
      this.lines.push({ entry });
      this.#hash.update(JSON.stringify(entry));
    }
    for (const listener of this.#listeners) listener(entry);
  }

  noteFrame(frame: Omit<WireEntry, "at">): void {
    const at = this.#monotonic();
    const { client, node, direction, lost, bytes } = frame;
    this.events += 1;
    this.lines.push({ wire: { at, ...frame } });
    this.#hash.update(`${at} ${client} ${node} ${direction} ${lost}`).update(bytes);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** The user of a client: "ann" of "ann.1". */
export function userOf(client: string): string {
  const dot = client.indexOf(".");
  return dot < 0 ? client : client.slice(0, dot);
}

/** True for the name of a client, such as "ann.1". */
export function isClient(name: string): boolean {
  return name.includes(".");
}
