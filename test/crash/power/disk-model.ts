import type { Random } from "../../simulation/random.js";
import type { Step } from "./recording.js";

type Change = Extract<Step, { kind: "write" | "truncate" | "remove" }>;

const sectorBytes = 512;

/**
 * The files of a disk that promises no more than it must: what was synced stays; of what came later any part may be there, in any
 * order, and any of its writes may have stopped at a sector. Only what a file system journals, its names and sizes, has an order.
 */
export class DiskModel {
  readonly #synced = new Map<string, Buffer>();
  readonly #pending = new Map<string, readonly Change[]>();

  apply(step: Step): void {
    if (step.kind === "confirm") return;
    if (step.kind === "sync-names") for (const file of this.#pending.keys()) this.#sync(file, ({ kind }) => kind === "remove");
    else if (step.kind === "sync") this.#sync(step.file, () => true);
    else this.#pending.set(step.file, [...(this.#pending.get(step.file) ?? []), step]);
  }

  /** What is there after a power cut. `luck` is the probability that something that was not synced is there all the same. */
  afterPowerCut(random: Random, luck: number): Map<string, Buffer> {
    const files = new Map(this.#synced);
    for (const [file, changes] of this.#pending) {
      const isKept = changes.map(() => random.chance(luck));
      const firstLost = changes.findIndex(({ kind }, index) => kind !== "write" && !isKept[index]);
      const kept = changes.filter((_, index) => isKept[index] && (firstLost === -1 || index < firstLost));
      this.#keep(files, file, luck < 1 ? kept.map((change) => torn(change, random)) : kept);
    }
    return files;
  }

  /** Makes sure of the changes of a file up to the last one of a sort. */
  #sync(file: string, isOfSort: (change: Change) => boolean): void {
    const changes = this.#pending.get(file) ?? [];
    const end = changes.map(isOfSort).lastIndexOf(true) + 1;
    this.#keep(this.#synced, file, changes.slice(0, end));
    this.#pending.set(file, changes.slice(end));
  }

  #keep(files: Map<string, Buffer>, file: string, changes: readonly Change[]): void {
    let content = files.get(file);
    for (const change of changes) content = changed(content, change);
    if (content === undefined) files.delete(file);
    else files.set(file, content);
  }
}

function torn(change: Change, random: Random): Change {
  if (change.kind !== "write" || random.chance(0.5)) return change;
  const sectors = random.between(0, Math.floor(change.bytes.length / sectorBytes));
  return { ...change, bytes: change.bytes.subarray(0, sectors * sectorBytes) };
}

function changed(content: Buffer = Buffer.alloc(0), change: Change): Buffer | undefined {
  if (change.kind === "remove") return undefined;
  if (change.kind === "truncate") return resized(content, change.size);
  const result = resized(content, Math.max(content.length, change.at + change.bytes.length));
  result.set(change.bytes, change.at);
  return result;
}

/** A copy, so that the files of one power cut are not those of another. */
function resized(content: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  content.copy(result);
  return result;
}
