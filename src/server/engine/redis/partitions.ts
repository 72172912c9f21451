import { listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import type { Reply } from "./script.js";
import { firstEntries } from "./scripts/first-entries.js";
import { slotOf, slots } from "./slot.js";

/**
 * In how many parts each kind of data is that has timers. What lies in one part lies in one slot, so an entry and its timers change
 * in one atomic step; and whoever asks what is due asks each part. It must never change: it says where everything is.
 */
const count = 64;

/** An entry of an index, with the part that it is in. */
export interface IndexEntry {
  readonly tag: string;
  readonly member: string;
  readonly atMs: number;
}

/** The parts of one kind of data. Their slots lie at even distances, so that they are spread evenly over the servers of a cluster. */
export class Partitions {
  /** The tags of the parts. */
  readonly tags: readonly string[];

  constructor(kind: string) {
    this.tags = Array.from({ length: count }, (_, part) => tagIn(kind, part));
  }

  /** The tag of the part that a thing is in. */
  tagOf(key: string): string {
    return this.tags[slotOf(key) % count] ?? "";
  }

  /**
   * The first entries of an index over all parts, up to a time (as Redis has it: "(" before it leaves out the time itself). Those
   * of one time are in the order of their names. One round trip; in a cluster one to each part, all at once.
   */
  async first(runner: Runner, index: string, upTo: number | string, limit: number): Promise<IndexEntry[]> {
    const ask = async (tags: readonly string[]) => {
      const [tag = "", ...furtherTags] = tags;
      const reply = await runner.run(firstEntries, tag, { upTo, limit }, { suffix: index, furtherTags });
      return listOf(reply).flatMap((entries, i) => entriesOf(tags[i] ?? "", entries));
    };
    const found = await Promise.all((runner.isCluster ? this.tags.map((tag) => [tag]) : [this.tags]).map(ask));
    return found.flat().sort(compare).slice(0, limit);
  }
}

/** Entries by the part that they are in, each in the order given. */
export function byTag(entries: readonly IndexEntry[]): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const { tag, member } of entries) members.set(tag, [...(members.get(tag) ?? []), member]);
  return members;
}

/** The first tag of a kind in an even share of the slots. */
function tagIn(kind: string, part: number): string {
  for (let number = 0; ; number += 1) {
    const tag = `${kind}/${number}`;
    if (Math.floor((slotOf(tag) * count) / slots) === part) return tag;
  }
}

function entriesOf(tag: string, reply: Reply): IndexEntry[] {
  const parts = listOf(reply);
  return Array.from({ length: parts.length / 2 }, (_, index) => ({
    tag,
    member: textOf(parts[2 * index]),
    atMs: numberOf(parts[2 * index + 1]),
  }));
}

function compare(one: IndexEntry, other: IndexEntry): number {
  return one.atMs - other.atMs || (one.member < other.member ? -1 : 1);
}
