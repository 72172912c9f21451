import type { AttributeStore } from "../ports/attribute-store.js";
import type { BanList } from "../ports/ban-list.js";
import type { ChannelLog, LogPosition } from "../ports/channel-log.js";
import type { StoreHealth } from "../ports/health.js";
import type { Inbox } from "../ports/inbox.js";
import type { InvitationStore } from "../ports/invitation-store.js";
import type { ChannelKey } from "../ports/keys.js";
import type { RevocationList } from "../ports/revocation-list.js";

/** The ports that the store implements, and the store's own upkeep. */
export interface StorePorts {
  readonly attributes: AttributeStore;
  readonly bans: BanList;
  readonly inbox: Inbox;
  readonly invitations: InvitationStore;
  readonly log: SegmentLog;
  readonly revocations: RevocationList;
  readonly upkeep: Upkeep;
}

/** A channel log to which messages come as segments. */
export interface SegmentLog extends Omit<ChannelLog, "append"> {
  /** Gives the messages of a segment the next offsets, and gives the place of the first one. */
  append(channel: ChannelKey, segment: NewSegment): Promise<LogPosition>;
}

/** Messages to append, one behind the other. */
export interface NewSegment {
  readonly count: number;
  /** The encoded aldis.node.v1.LogSegment. */
  readonly messages: Uint8Array;
}

export interface Upkeep {
  /** Forgets some of what is too old, and finds out whether there is room again. To be called from time to time. */
  sweep(): Promise<void>;
}

export type PortName = keyof StorePorts;

type Access = "read" | "write" | "upkeep";

/** Every call, and whether it writes: reads go on when nothing can be written. */
export const calls: { readonly [Name in PortName]: Readonly<Record<keyof StorePorts[Name], Access>> } = {
  attributes: { write: "write", read: "read", setTimer: "write", due: "read", drop: "write" },
  bans: { set: "write", remove: "write", find: "read", list: "read" },
  inbox: { append: "write", read: "read", acknowledge: "write", expire: "write" },
  invitations: { create: "write", replace: "write", find: "read", live: "read", due: "read", forgetEnded: "write" },
  log: { append: "write", head: "read", read: "read", forget: "write" },
  revocations: { revoke: "write", find: "read" },
  upkeep: { sweep: "upkeep" },
};

/** A call on its way to the thread of the store. */
export interface StoreCall {
  readonly port: PortName;
  readonly method: string;
  readonly args: readonly unknown[];
  /** When it was made, in milliseconds since 1970. */
  readonly nowMs: number;
}

export type StoreAnswer =
  | { readonly ok: true; readonly value: unknown }
  /** "full" and "failed" as in `StoreHealth`; "fault" if this call alone cannot be done. */
  | { readonly ok: false; readonly kind: "full" | "failed" | "fault"; readonly message: string };

/** What became of a batch: an answer for each call, in their order. What is confirmed here is on disk. */
export interface BatchAnswer {
  readonly answers: readonly StoreAnswer[];
  readonly health: StoreHealth;
  /** Why the health is not "ok"; empty if it is. */
  readonly reason: string;
  /** The free bytes on the disk at the last sweep; 0 before the first. */
  readonly freeBytes: number;
}
