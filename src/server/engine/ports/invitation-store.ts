import type { Invitation } from "../../../../gen/aldis/v1/invitation.js";

/** How long an invitation waits, in milliseconds. */
export interface InvitationPatience {
  /** For a callee who is offline. */
  readonly offlineMs: number;
  /** For the client of a callee who is online to receive it. */
  readonly receiveMs: number;
  /** For the answer, once the callee's client has it. */
  readonly answerMs: number;
}

/** An invitation with what only the server needs of it. */
export interface StoredInvitation {
  readonly appId: string;
  readonly invitation: Invitation;
  /** When its timer is due, in milliseconds since 1970. 0 for never. One that ended may have a timer too, until it is forgotten. */
  readonly dueAtMs: number;
  /** The key under which only one of the app may live. Empty for none. */
  readonly uniqueKey: string;
  readonly patience: InvitationPatience;
}

/**
 * Invitations, and their timers. Changes are a compare-and-set on the version, so every race has one winner. They change
 * neither the two sides nor the unique key, and what has ended stays ended; a change that keeps the version moves the timer only.
 * What is given to the store or comes from it must not be changed.
 */
export interface InvitationStore {
  /** Adds an invitation. "exists" if its id is taken, "duplicate" if its unique key is. */
  create(stored: StoredInvitation): Promise<"created" | "exists" | "duplicate">;
  /** Replaces an invitation if its version is the expected one. Gives false, and changes nothing, if not. */
  replace(stored: StoredInvitation, expectedVersion: number): Promise<boolean>;
  find(appId: string, invitationId: string): Promise<StoredInvitation | undefined>;
  /** The live invitations of which a user is caller or callee, the oldest first. */
  live(appId: string, userId: string): Promise<StoredInvitation[]>;
  /** Invitations whose timer is due, the earliest first. Reading changes nothing: the winner is who replaces. */
  due(nowMs: number, limit: number): Promise<StoredInvitation[]>;
  /**
   * Forgets invitations that were first stored as ended before a time, the first first, at most `limit` of them, with their
   * timers. Gives the number.
   */
  forgetEnded(beforeMs: number, limit: number): Promise<number>;
}
