import type { JsonWebKey } from "node:crypto";
import { z } from "zod";
import { messageOf } from "../message-of.js";
import type { Runtime } from "../runtime.js";
import { fits, type KeyHint, type KeySource, KeysUnavailable } from "./app.js";
import { type PublicAlgorithm, publicAlgorithms, publicTokenKey, type TokenKey } from "./token-key.js";

/** Gets the text at an address. Rejects if there is no answer of status 200 in time. */
export type FetchText = (url: string) => Promise<string>;

/** How long keys are used before they are asked for again, in milliseconds. */
export const refreshAfterMs = 10 * 60_000;
/** The shortest time between two requests, in milliseconds: tokens with made-up key ids cause no more. */
export const cooldownMs = 30_000;
/** How long keys are used while they cannot be had anew, in milliseconds. Then nobody gets in. */
export const staleAfterMs = 24 * 60 * 60_000;
const keysMax = 64;

const documentSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional(), use: z.string().optional() })) });

export interface RemoteKeySetOptions {
  readonly url: string;
  /** The algorithms that its keys may be for. Default: all of public keys. */
  readonly algorithms?: readonly PublicAlgorithm[];
  readonly fetchText: FetchText;
  readonly runtime: Runtime;
  /** Hears of a request that failed, in a sentence. */
  readonly report: (sentence: string) => void;
}

/**
 * Keys that an identity provider publishes as a JSON Web Key Set (RFC 7517). They are kept, asked for anew from time to time and when
 * a token names an unknown key, and go on being used for a day while the provider does not answer.
 */
export class RemoteKeySet implements KeySource {
  private keys: readonly TokenKey[] = [];
  /** When keys came last, and when they were asked for last, on the monotonic clock. */
  private cameAtMs = Number.NEGATIVE_INFINITY;
  private askedAtMs = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | undefined;

  constructor(private readonly options: RemoteKeySetOptions) {}

  async find(hint: KeyHint): Promise<readonly TokenKey[]> {
    if (this.ageMs > staleAfterMs) await this.refresh();
    else if (this.ageMs > refreshAfterMs) void this.refresh();
    let found = this.fitting(hint);
    if (found.length === 0) {
      await this.refresh();
      found = this.fitting(hint);
    }
    if (this.ageMs > staleAfterMs) throw new KeysUnavailable("the keys of the app cannot be had now");
    return found;
  }

  private get ageMs(): number {
    return this.options.runtime.clock.monotonic() - this.cameAtMs;
  }

  private fitting(hint: KeyHint): readonly TokenKey[] {
    return this.keys.filter((key) => fits(key, hint));
  }

  /** Asks for the keys, unless that was done a moment ago. Whoever comes meanwhile waits for the same answer. Never rejects. */
  private refresh(): Promise<void> {
    const nowMs = this.options.runtime.clock.monotonic();
    if (this.asking === undefined && nowMs - this.askedAtMs >= cooldownMs) {
      this.askedAtMs = nowMs;
      this.asking = this.ask().finally(() => {
        this.asking = undefined;
      });
    }
    return this.asking ?? Promise.resolve();
  }

  private async ask(): Promise<void> {
    const { url, fetchText, report, runtime } = this.options;
    try {
      const { keys } = documentSchema.parse(JSON.parse(await fetchText(url)));
      const usable = keys.slice(0, keysMax).flatMap((key) => this.read(key));
      if (usable.length === 0) throw new Error("it has no key that can be used");
      this.keys = usable;
      this.cameAtMs = runtime.clock.monotonic();
    } catch (thrown) {
      report(`The keys at ${url} cannot be had: ${messageOf(thrown)}`);
    }
  }

  /** One key, or none if it is not for signatures, or of a kind that is not taken: providers publish others beside. */
  private read({ kid, use, ...jwk }: JsonWebKey & { readonly kid?: string; readonly use?: string }): readonly TokenKey[] {
    if (use !== undefined && use !== "sig") return [];
    try {
      const key = publicTokenKey(
        jwk,
        kid,
        publicAlgorithms.find((name) => name === jwk.alg),
      );
      const { algorithms = publicAlgorithms } = this.options;
      return algorithms.includes(key.algorithm) ? [key] : [];
    } catch {
      return [];
    }
  }
}
