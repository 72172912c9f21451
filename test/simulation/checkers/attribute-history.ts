import { isBuiltIn } from "../../../src/server/feature/attribute/built-in.js";
import type { AttributeState, AttributeWish } from "../journal.js";

/** What is known for sure of one key. */
interface Settled {
  readonly revision: number;
  /** Undefined if the key is gone. */
  readonly value: string | undefined;
}

/** What the answers to writes say about one set of attributes. */
export class AttributeHistory {
  /** Who made a revision: writes of which each one changes something. */
  readonly #makers = new Map<number, string>();
  readonly #settled = new Map<string, Settled>();
  /** Values that may be there: their writes were not confirmed, or the set may have ended since. */
  readonly #possible = new Set<string>();
  /** True if any key may be missing. */
  #mayLack = false;
  #highest = 0;
  /** The revision up to which everything was removed. */
  #wipedAt = 0;

  /** Nobody knows whether a write has taken effect. */
  doubt({ kind, values = [] }: AttributeWish): void {
    for (const [, value] of values) this.#possible.add(value);
    if (kind !== "update") this.#mayLack = true;
  }

  /** Why a write cannot have made a revision of the same life of the set as those before. Undefined if it can. */
  contradiction(write: AttributeWish, revision: number, highestWhenAsked: number): string | undefined {
    if (revision < highestWhenAsked) return `revision ${revision} came behind ${highestWhenAsked}`;
    if (!changes(write)) return undefined;
    const maker = this.#makers.get(revision);
    if (maker !== undefined) return `revision ${revision} was made by ${maker} too`;
    const { expectedRevision: expected = revision - 1 } = write;
    return expected === revision - 1 ? undefined : `revision ${revision} came where ${expected} was expected before it`;
  }

  /** The highest revision that was confirmed. */
  get highest(): number {
    return this.#highest;
  }

  /** A write has made a revision. */
  confirm(write: AttributeWish, revision: number, maker: string): void {
    this.#highest = Math.max(this.#highest, revision);
    const { kind, values = [], keys = [] } = write;
    if (kind === "set" || kind === "clear") this.#wipedAt = Math.max(this.#wipedAt, revision);
    if (changes(write)) this.#makers.set(revision, maker);
    for (const key of keys) this.#settle(key, { revision, value: undefined });
    for (const [key, value] of values) this.#settle(key, { revision, value });
  }

  /** The set may have ended: revisions begin anew, and what was there may be there or not. */
  loosen(): void {
    for (const { value } of this.#settled.values()) if (value !== undefined) this.#possible.add(value);
    this.#settled.clear();
    this.#makers.clear();
    this.#mayLack = true;
    this.#highest = 0;
    this.#wipedAt = 0;
  }

  /** What is wrong with the set as it is. Undefined if all is as it was confirmed. */
  problemOf({ values }: AttributeState): string | undefined {
    for (const [key, { revision, value }] of this.#settled) {
      const expected = revision >= this.#wipedAt ? value : undefined;
      const actual = values.get(key);
      const isFine = actual === expected || (actual === undefined ? this.#mayLack : this.#possible.has(actual));
      if (!isFine) return `"${key}" is ${actual}, and ${expected} was confirmed at revision ${revision}`;
    }
    return undefined;
  }

  #settle(key: string, settled: Settled): void {
    if ((this.#settled.get(key)?.revision ?? 0) <= settled.revision) this.#settled.set(key, settled);
  }
}

/** True for a write that has changed something if it was confirmed: its values are in no other write. */
function changes({ values = [] }: AttributeWish): boolean {
  return values.length > 0 && !values.some(([key]) => isBuiltIn(key));
}
