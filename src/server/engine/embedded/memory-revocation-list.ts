import { keyText, type UserKey } from "../ports/keys.js";
import type { RevocationList } from "../ports/revocation-list.js";

/** A revocation list in memory. It grows with the users whose tokens an operator has revoked. */
export class MemoryRevocationList implements RevocationList {
  readonly #issuedBefore = new Map<string, number>();

  async revoke(user: UserKey, issuedBeforeMs: number): Promise<void> {
    this.#issuedBefore.set(userText(user), Math.max(issuedBeforeMs, this.#get(user)));
  }

  async find(user: UserKey): Promise<number> {
    return this.#get(user);
  }

  #get(user: UserKey): number {
    return this.#issuedBefore.get(userText(user)) ?? 0;
  }
}

function userText({ appId, userId }: UserKey): string {
  return keyText(appId, userId);
}
