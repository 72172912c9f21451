import type { Capability } from "../../../gen/aldis/v1/session.js";
import type { LogPosition, LogRecord } from "../engine/ports/channel-log.js";
import type { ChannelKey, UserKey } from "../engine/ports/keys.js";
import type { EventEntry } from "../event-entry.js";
import type { EventSegment } from "../event-segment.js";
import type { ChannelSettings } from "./attribute/channel-settings.js";

/** What became of an entry: acknowledged by the client, refused because the queue was full, or still open when the session ended. */
export type Fate = "acknowledged" | "refused" | "ended";

/** The lane of all that shows others how a session's user is. */
export const presenceLane = "presence";

/** Something that has channel traffic for a session, and queues it when it is asked for. */
export interface EventFeed {
  /** Queues all that there is, if there is anything. */
  drain(): void;
}

/** A live session, as features see it: they never see its link. */
export interface LiveSession {
  readonly id: string;
  readonly user: UserKey;
  /** The fencing epoch of the user's claim. */
  readonly epoch: number;
  readonly capabilities: ReadonlySet<Capability>;
  /** True if the user's attributes end with the session. */
  readonly endsAttributes: boolean;
  /** True once the session is over: nothing may be added to it. */
  readonly ended: boolean;
  /** The channels that the session is in, by id. */
  readonly memberships: Map<string, Membership>;
  /**
   * Queues an event for the client, and never waits. False if it was refused. `settled` is called once: during this call only
   * if refused. `sent` is called once, when the event has its turn and goes to a link for the first time.
   */
  push(entry: EventEntry, settled?: (fate: Fate) => void, sent?: () => void): boolean;
  /**
   * Queues events together, and never waits. False if there is no room for all of them, or if they are too many to be sent at
   * once: then none is queued.
   */
  pushSegment(segment: EventSegment): boolean;
  /**
   * A feed has channel traffic: it is drained once, when that is to be sent, or before more of such traffic is queued. Not to be
   * called when the session is over.
   */
  follow(feed: EventFeed): void;
  /** Runs a task once, when a full queue has room again or the session is over. To be called for an entry that was refused. */
  whenRoom(task: () => void): void;
  /** Runs tasks with the same key one after another, in the order in which they came. */
  inOrder<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Like `inOrder`, but the next task of this kind need not wait for more than the call of `begun`. */
  overlapping<T>(key: string, task: (begun: () => void) => Promise<T>): Promise<T>;
}

/** A session in a channel, on the node that has the session. */
export interface Membership {
  readonly channel: ChannelKey;
  /** Delivers the recovered messages, then what came behind `head` meanwhile, then what comes. Until then messages are held. */
  open(head: LogPosition, recovered: readonly LogRecord[]): void;
  /** Tells the client of what could not be queued, if there is anything. False if there is no room for it now either. */
  tellMissed(): boolean;
}

/** The sessions of this node by channel: who hears what comes over the bus. */
export interface ChannelRooms {
  /** Puts a session into the room of a channel. What the channel's topic brings from now on is held until `open`. */
  enter(session: LiveSession, channel: ChannelKey, options: { receiveOwn: boolean }): Promise<Membership>;
  /** Takes a session out. It hears nothing more of the channel. */
  exit(membership: Membership): void;
  /** What the channel's attributes say of it. Undefined if nobody on this node is in the channel. */
  settings(channel: ChannelKey): ChannelSettings | undefined;
}
