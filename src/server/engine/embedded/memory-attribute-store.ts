import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type {
  AttributeOutcome,
  AttributeOwner,
  AttributeStore,
  AttributeWrite,
  StoredAttributes,
} from "../ports/attribute-store.js";
import { keyText } from "../ports/keys.js";
import { changeAttributes, noAttributes } from "./attribute-set.js";

/** An attribute store in memory. A stored set is never changed but replaced, so what was read stays what it was. */
export class MemoryAttributeStore implements AttributeStore {
  readonly #limits: Limits;
  readonly #owners = new Map<string, StoredAttributes>();

  constructor({ limits }: { limits: Limits }) {
    this.#limits = limits;
  }

  async write(owner: AttributeOwner, write: AttributeWrite): Promise<AttributeOutcome> {
    const key = ownerText(owner);
    const before = this.#owners.get(key) ?? noAttributes;
    const outcome = changeAttributes(owner.kind, before, write, this.#limits);
    if (outcome.kind === "written" && outcome.after !== before) this.#owners.set(key, outcome.after);
    return outcome;
  }

  async read(owner: AttributeOwner): Promise<StoredAttributes> {
    return this.#owners.get(ownerText(owner)) ?? noAttributes;
  }

  async drop(owner: AttributeOwner): Promise<void> {
    this.#owners.delete(ownerText(owner));
  }
}

function ownerText(owner: AttributeOwner): string {
  return owner.kind === "user"
    ? `user/${keyText(owner.key.appId, owner.key.userId)}`
    : `channel/${keyText(owner.key.appId, owner.key.channel)}`;
}
