import type { AttributeChange, AttributeSet } from "../../../../gen/aldis/v1/attribute.js";

export interface AttributeViewOptions {
  /** Reads the set as it is now. */
  readonly read: () => Promise<AttributeSet>;
  /** Told of the whole set after each change. */
  readonly tell: (set: AttributeSet) => void;
  /** Told of a set that could not be read. */
  readonly onFailed: (thrown: unknown) => void;
}

/**
 * Knows the attributes of a joined channel, so that each notice becomes the whole set, also where the writer had the change
 * told only. A change whose predecessor was not told is not applied: then the set is read.
 */
export class AttributeView {
  readonly #options: AttributeViewOptions;
  /** Undefined until a join, a read or a notice tells it. */
  #set: AttributeSet | undefined;
  /** The newest revision that was told. */
  #newest = 0;
  #reading = false;

  constructor(options: AttributeViewOptions) {
    this.#options = options;
  }

  /** Takes the set that a join found. */
  begin(set: AttributeSet | undefined): void {
    this.#set ??= set;
  }

  /** Forgets the set: the session is another one, and what happened meanwhile was not told. */
  reset(): void {
    this.#set = undefined;
    this.#newest = 0;
  }

  /** Takes a change. One that is not newer than the set says nothing. */
  take(change: AttributeChange): void {
    const { revision, wholeSet, attributes } = change;
    if (this.#set !== undefined && revision <= this.#set.revision) return;
    this.#newest = Math.max(this.#newest, revision);
    if (wholeSet) this.#replace({ attributes, revision });
    else if (this.#set?.revision === revision - 1) this.#replace(apply(this.#set, change));
    else void this.#read();
  }

  #replace(set: AttributeSet): void {
    this.#set = set;
    this.#options.tell(set);
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (let wanted = 0; wanted < this.#newest; ) {
        wanted = this.#newest;
        const set = await this.#options.read();
        if (this.#set === undefined || set.revision > this.#set.revision) this.#replace(set);
      }
    } catch (thrown) {
      this.#options.onFailed(thrown);
    } finally {
      this.#reading = false;
    }
  }
}

/** A set after an update or a deletion. The other changes come as whole sets. */
function apply(set: AttributeSet, { attributes, deletedKeys, revision }: AttributeChange): AttributeSet {
  const next = new Map([...set.attributes, ...attributes]);
  for (const key of deletedKeys) next.delete(key);
  return { attributes: next, revision };
}
