import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type {
  AttributeOutcome,
  AttributeOwner,
  AttributeStore,
  AttributeTimer,
  AttributeWrite,
  StoredAttributes,
} from "../ports/attribute-store.js";
import { channelText, keyText } from "../ports/keys.js";
import { changeAttributes, isSameTimer, noAttributes } from "../shared/attribute-set.js";
import { type DueEntry, DueQueue } from "./due-queue.js";

interface Stored {
  readonly set: StoredAttributes;
  /** The place of the set's timer among all of them. Undefined if it has none. */
  readonly timer: DueEntry<AttributeOwner> | undefined;
}

/** An attribute store in memory. A stored set is never changed but replaced, so what was read stays what it was. */
export class MemoryAttributeStore implements AttributeStore {
  readonly #limits: Limits;
  readonly #owners = new Map<string, Stored>();
  readonly #timers = new DueQueue<AttributeOwner>();

  constructor({ limits }: { limits: Limits }) {
    this.#limits = limits;
  }

  async write(owner: AttributeOwner, write: AttributeWrite): Promise<AttributeOutcome> {
    const before = this.#setOf(owner);
    const outcome = changeAttributes(owner.kind, before, write, this.#limits);
    if (outcome.kind === "written" && outcome.after !== before) this.#store(owner, outcome.after);
    return outcome;
  }

  async read(owner: AttributeOwner): Promise<StoredAttributes> {
    return this.#setOf(owner);
  }

  async setTimer(owner: AttributeOwner, timer: AttributeTimer, expected: AttributeTimer | undefined): Promise<boolean> {
    const set = this.#setOf(owner);
    if (set.revision === 0 || !isSameTimer(set.timer, expected)) return false;
    this.#store(owner, { ...set, timer });
    return true;
  }

  async due(nowMs: number, limit: number): Promise<{ owner: AttributeOwner; timer: AttributeTimer }[]> {
    return this.#timers.due(nowMs, limit).flatMap((owner) => {
      const { timer } = this.#setOf(owner);
      return timer === undefined ? [] : [{ owner, timer }];
    });
  }

  async drop(owner: AttributeOwner, expected: AttributeTimer | undefined): Promise<boolean> {
    const set = this.#setOf(owner);
    if (set.revision === 0 || !isSameTimer(set.timer, expected)) return false;
    this.#forget(owner);
    return true;
  }

  #setOf(owner: AttributeOwner): StoredAttributes {
    return this.#owners.get(ownerText(owner))?.set ?? noAttributes;
  }

  #store(owner: AttributeOwner, set: StoredAttributes): void {
    this.#forget(owner);
    const timer = set.timer && this.#timers.add(set.timer.dueAtMs, owner);
    this.#owners.set(ownerText(owner), { set, timer });
  }

  #forget(owner: AttributeOwner): void {
    const timer = this.#owners.get(ownerText(owner))?.timer;
    if (timer !== undefined) this.#timers.remove(timer);
    this.#owners.delete(ownerText(owner));
  }
}

function ownerText(owner: AttributeOwner): string {
  return owner.kind === "user" ? `user/${keyText(owner.key.appId, owner.key.userId)}` : `channel/${channelText(owner.key)}`;
}
