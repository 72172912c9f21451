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

  /** Makes the secret for the next welcome. Of those before it, the one that the client has shown last stays. */
  issue(): string {
    const secret = randomId(this.runtime, 256);
    this.previous = this.previous ?? this.current;
    this.current = hash(secret);
    return secret;
  }

  /** The client has sent something on the new link, so it has the latest secret. */
  confirm(): void {
    this.previous = undefined;
  }

  /** True if a secret works. A client that shows the latest one has it, so the one before it works no more. */
  accepts(secret: string): boolean {
    const given = hash(secret);
    const isGiven = (known: Buffer | undefined) => known !== undefined && timingSafeEqual(known, given);
    if (isGiven(this.current)) this.confirm();
    return isGiven(this.current) || isGiven(this.previous);
  }
}

function hash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
