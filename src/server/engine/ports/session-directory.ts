import type { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import type { UserKey } from "./keys.js";

/** Where a user's one session lives. */
export interface SessionEntry {
  readonly sessionId: string;
  readonly nodeId: string;
  /** The fencing epoch: rises with every claim of any user. What carries a lower one than the entry's is out of date. */
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

/**
 * Who is logged in, and where. Every change is atomic for one user; the newest claim wins. Nothing here is durable: after a
 * loss of the directory nobody is logged in.
 */
export interface SessionDirectory {
  /** Milliseconds after which a claim ends unless renewed. Infinity if claims end only by release. */
  readonly leaseMs: number;
  /** Makes a session the user's only one, and the user `ONLINE`. Gives the entry that it replaced, whose owner must be told. */
  claim(user: UserKey, session: { sessionId: string; nodeId: string }): Promise<{ epoch: number; replaced?: SessionEntry }>;
  /** Extends the leases of sessions; false for each that is not the user's present one. In the order given. */
  renew(sessions: readonly { user: UserKey; epoch: number }[]): Promise<boolean[]>;
  /** Ends a claim, and makes the user offline. False, and nothing changes, if a newer claim exists or there is none. */
  release(user: UserKey, epoch: number): Promise<boolean>;
  /** The present entry. Undefined if the user has no session. */
  find(user: UserKey): Promise<SessionEntry | undefined>;
  /** The users of an app who have a session, ordered by id, behind an id ("" for the first), and how many there are in all. */
  list(appId: string, after: string, limit: number): Promise<{ users: { userId: string; nodeId: string }[]; count: number }>;
  /**
   * Changes what others see of the user. Undefined, and nothing changes, if the epoch is not the present one. The present state
   * keeps its version.
   */
  setPresence(user: UserKey, epoch: number, state: PresenceState): Promise<PresenceRecord | undefined>;
  /** What others see, in the order asked; OFFLINE for a user without a session. */
  presence(users: readonly UserKey[]): Promise<PresenceRecord[]>;
}
