import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A key of the admin service. */
export interface AdminKey {
  /** What the audit log calls it. */
  readonly name: string;
  /** The secret that a caller shows. */
  readonly key: string;
  /** The app that it is for. Undefined for all. */
  readonly app?: string;
}

/** The least length of a key in bytes, so that it cannot be guessed. */
export const minKeyBytes = 32;

/** The keys of the admin service. */
export class AdminKeys {
  private entries: readonly { readonly digest: Uint8Array; readonly key: AdminKey }[] = [];

  constructor(keys: readonly AdminKey[]) {
    this.replace(keys);
  }

  /** Takes other keys in place of all present ones. */
  replace(keys: readonly AdminKey[]): void {
    this.entries = keys.map((key) => ({ digest: digestOf(key.key), key }));
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** The key that somebody shows, which may be any text. It takes the same time whatever the text has in common with a key. */
  find(shown: string): AdminKey | undefined {
    const digest = digestOf(shown);
    let found: AdminKey | undefined;
    for (const entry of this.entries) if (timingSafeEqual(entry.digest, digest)) found = entry.key;
    return found;
  }
}

/** Digests have one length and tell nothing of the texts, so comparing them tells nothing either. */
function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** The admin key of a development server: whoever has its secret can make every token anyway. */
export function developmentAdminKey(secret: string): AdminKey {
  const key = createHmac("sha256", secret).update("aldis admin key").digest("base64url");
  return { name: "development", key };
}
