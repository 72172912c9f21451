import type { Member } from "../ports/channel-directory.js";
import type { RandomIndexes } from "./random-indexes.js";

/** Fewer empty slots than this are not worth a compaction. */
const toleratedEmptySlots = 32;

/**
 * The members of one channel in the order in which they joined. A leave empties a slot, and slots are compacted when more than
 * half of them are empty; so joins and leaves cost the same for every size, and choices cost what they give.
 */
export class MemberList {
  readonly #slotOf = new Map<string, number>();
  #slots: (Member | undefined)[] = [];

  get count(): number {
    return this.#slotOf.size;
  }

  get(userId: string): Member | undefined {
    const slot = this.#slotOf.get(userId);
    return slot === undefined ? undefined : this.#slots[slot];
  }

  /** Adds a member behind all others, or in the place that its user has. */
  put(member: Member): void {
    const slot = this.#slotOf.get(member.userId) ?? this.#slots.length;
    this.#slotOf.set(member.userId, slot);
    this.#slots[slot] = member;
  }

  remove(userId: string): void {
    const slot = this.#slotOf.get(userId);
    if (slot === undefined) return;
    this.#slotOf.delete(userId);
    this.#slots[slot] = undefined;
    if (this.#slots.length > 2 * this.count + toleratedEmptySlots) this.#compact();
  }

  /** Those who joined last, the newest first. */
  latest(limit: number): string[] {
    const users: string[] = [];
    for (let slot = this.#slots.length - 1; slot >= 0 && users.length < limit; slot -= 1) {
      const member = this.#slots[slot];
      if (member !== undefined) users.push(member.userId);
    }
    return users;
  }

  /** Those who joined first, the oldest first, behind the first `skip` of them. */
  earliest(skip: number, limit: number): string[] {
    const users: string[] = [];
    let skipped = 0;
    for (const member of this.#slots) {
      if (users.length >= limit) break;
      if (member === undefined) continue;
      if (skipped < skip) skipped += 1;
      else users.push(member.userId);
    }
    return users;
  }

  /** Some of those who joined on a node. */
  ofNode(nodeId: string, limit: number): Member[] {
    return this.#slots.filter((member) => member?.nodeId === nodeId).slice(0, limit) as Member[];
  }

  /**
   * A random choice, each member with the same chance: the beginning of a shuffle of which only moved slots are written down.
   */
  random(limit: number, indexes: RandomIndexes): string[] {
    const users: string[] = [];
    const moved = new Map<number, number>();
    const slots = this.#slots.length;
    for (let place = 0; place < slots && users.length < limit; place += 1) {
      const other = place + indexes.below(slots - place);
      const member = this.#slots[moved.get(other) ?? other];
      moved.set(other, moved.get(place) ?? place);
      if (member !== undefined) users.push(member.userId);
    }
    return users;
  }

  #compact(): void {
    this.#slots = this.#slots.filter((member) => member !== undefined);
    this.#slots.forEach((member, slot) => {
      if (member !== undefined) this.#slotOf.set(member.userId, slot);
    });
  }
}
