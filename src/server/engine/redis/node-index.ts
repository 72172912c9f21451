import { nodeTag } from "./keys.js";
import { listOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { addToIndex, removeFromIndex, someOfIndex } from "./scripts/node-index.js";

/** What an index of one kind is called, behind the tag of the node. */
export const nodeIndexes = ["sessions", "members"] as const;

/**
 * What each node has, so that it can be cleared when the node falls. An entry is added before that of which it tells, and removed
 * behind it: what a crash leaves is an entry that is not confirmed. Entries are texts of which none is used twice, so one that
 * comes late takes away none of a later life.
 */
export class NodeIndex {
  constructor(
    private readonly runner: Runner,
    private readonly kind: (typeof nodeIndexes)[number],
  ) {}

  async add(nodeId: string, entry: string): Promise<void> {
    await this.runner.run(addToIndex, nodeTag(nodeId), { entry }, { suffix: this.kind });
  }

  /** Nobody need wait for it: what stays is found not to be confirmed. */
  removeLater(nodeId: string, entry: string): void {
    this.#remove(nodeId, [entry]).catch(() => {});
  }

  /** Some entries that are confirmed, at most `limit`; none if there are none. The others that it meets it removes. */
  async some<T>(nodeId: string, limit: number, confirm: (entry: string) => Promise<T | undefined>): Promise<T[]> {
    for (;;) {
      const reply = await this.runner.run(someOfIndex, nodeTag(nodeId), { limit }, { suffix: this.kind });
      const entries = listOf(reply).map(textOf);
      const confirmed = await Promise.all(entries.map(confirm));
      const stale = entries.filter((_, index) => confirmed[index] === undefined);
      if (stale.length > 0) await this.#remove(nodeId, stale);
      const found = confirmed.filter((one) => one !== undefined);
      if (found.length > 0 || stale.length === 0) return found;
    }
  }

  async #remove(nodeId: string, entries: readonly string[]): Promise<void> {
    await this.runner.run(removeFromIndex, nodeTag(nodeId), {}, { suffix: this.kind, rest: entries });
  }
}
