import type { UserKey } from "../engine/ports/keys.js";

/** A session as the engine knows it, on whatever node it is or was. */
export interface Claim {
  readonly user: UserKey;
  /** The fencing epoch. */
  readonly epoch: number;
}
