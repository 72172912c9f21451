import type { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import type { UserKey } from "./keys.js";

/** Where a user's one session lives. */
export interface SessionEntry {
  readonly sessionId: string;
  readonly nodeId: string;
  /** The fencing epoch: rises with every claim of the user. What carries a lower one than the entry's is out of date. */
  readonly epoch: number;
}

export interface PresenceRecord {
  readonly state: PresenceState;
  /**
   * Rises with each change of the user's state, also over a time in which the directory had forgotten the user, or was lost
   * itself: a user who may have been forgotten has a version that is at least its last.
   */
  readonly version: number;
}

/** Whether a claim is the user's present one, a newer one has replaced it, or there is none. */
export type ClaimState = "held" | "replaced" | "lost";

/**
 * Who is logged in, and where. Every change is atomic for one user; the newest claim wins. Nothing here is durable: after a
 * loss of the directory nobody is logged in.
 */
export interface SessionDirectory {
  /** How often each session is to be verified, in milliseconds. Infinity where nothing but a claim and a release ends one. */
  readonly verifyIntervalMs: number;
  /** Makes a session the user's only one, and the user `ONLINE`. Gives the entry that it replaced, whose owner must be told. */
  claim(user: UserKey, session: { sessionId: string; nodeId: string }): Promise<{ epoch: number; replaced?: SessionEntry }>;
  /** What has become of claims, in the order given. One that the directory has lost is over as well. */
  verify(sessions: readonly { user: UserKey; epoch: number }[]): Promise<ClaimState[]>;
  /** Ends a claim, and makes the user offline. False, and nothing changes, if a newer claim exists or there is none. */
  release(user: UserKey, epoch: number): Promise<boolean>;
  /** The present entry. Undefined if the user has no session. */
  find(user: UserKey): Promise<SessionEntry | undefined>;
  /** The users of an app who have a session, ordered by id, behind an id ("" for the first), and how many there are in all. */
  list(appId: string, after: string, limit: number): Promise<{ users: { userId: string; nodeId: string }[]; count: number }>;
  /** Some of the claims of a node, at most `limit`; none if it has none. To clear what a fallen node has left. */
  ofNode(nodeId: string, limit: number): Promise<{ user: UserKey; epoch: number }[]>;
  /**
   * Changes what others see of the user. Undefined, and nothing changes, if the epoch is not the present one. The present state
   * keeps its version.
   */
  setPresence(user: UserKey, epoch: number, state: PresenceState): Promise<PresenceRecord | undefined>;
  /** What others see, in the order asked; OFFLINE for a user without a session. */
  presence(users: readonly UserKey[]): Promise<PresenceRecord[]>;
}
