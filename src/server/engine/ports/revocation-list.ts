import type { UserKey } from "./keys.js";

/** Whose tokens are worthless, and up to which. Durable where the engine is. */
export interface RevocationList {
  /** Makes the tokens of a user that were issued before a time worthless, in milliseconds since 1970. It never goes back. */
  revoke(user: UserKey, issuedBeforeMs: number): Promise<void>;
  /** The time before which a user's tokens are worthless. 0 if none is. */
  find(user: UserKey): Promise<number>;
}
