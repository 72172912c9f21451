import type { UserKey } from "../ports/keys.js";
import type { RevocationList } from "../ports/revocation-list.js";
import { userTag } from "./keys.js";
import { numberOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { findRevocation, revokeTokens } from "./scripts/revocation.js";

/** A revocation list in Redis. One round trip for each call. It grows with the users whose tokens an operator has revoked. */
export class RedisRevocationList implements RevocationList {
  readonly #runner: Runner;

  constructor({ runner }: { runner: Runner }) {
    this.#runner = runner;
  }

  async revoke(user: UserKey, issuedBeforeMs: number): Promise<void> {
    await this.#runner.run(revokeTokens, userTag(user), { issuedBefore: issuedBeforeMs });
  }

  async find(user: UserKey): Promise<number> {
    return numberOf(await this.#runner.run(findRevocation, userTag(user), {}));
  }
}
