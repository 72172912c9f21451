import { createHash, timingSafeEqual } from "node:crypto";
import { type Runtime, randomId } from "../runtime.js";

/**
 * The secrets that let a client go on with its session. Each works once: the next welcome replaces it. Until the client has
 * shown that it has the new one, the one before it works too, so a break during the resume does not cost the session. Only
 * hashes are kept.
 */
export class ResumeSecrets {
  private current: Buffer | undefined;
  private previous: Buffer | undefined;

  constructor(private readonly runtime: Runtime) {}

  /** Makes the secret for the next welcome. */
  issue(): string {
    const secret = randomId(this.runtime, 256);
    // After two welcomes in a row that nobody confirmed, the older secret of the two that may be out there stays.
    this.previous = this.previous ?? this.current;
    this.current = hash(secret);
    return secret;
  }

  /** The client has sent something on the new link, so it has the latest secret. */
  confirm(): void {
    this.previous = undefined;
  }

  /** True if a secret works. */
  accepts(secret: string): boolean {
    const given = hash(secret);
    return [this.current, this.previous].some((known) => known !== undefined && timingSafeEqual(known, given));
  }
}

function hash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
