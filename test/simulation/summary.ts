import type { Outcome } from "./simulate.js";

type Counts = Record<string, number>;

/** What many runs have come to. */
export class Summary {
  #seeds = 0;
  #events = 0;
  /** How many runs had how many nodes. */
  readonly #nodes: Counts = {};
  readonly #faults: Counts = {};
  readonly #violations: Counts = {};

  add({ nodes, events, faults, findings }: Outcome): void {
    this.#seeds += 1;
    addTo(this.#nodes, String(nodes), 1);
    this.#events += events;
    for (const [name, count] of Object.entries(faults)) addTo(this.#faults, name, count);
    for (const { guarantee } of findings) addTo(this.#violations, guarantee, 1);
  }

  /** The number of violations, of all guarantees. */
  get violations(): number {
    return Object.values(this.#violations).reduce((sum, count) => sum + count, 0);
  }

  /** One run as an object for machines. */
  lineOf({ seed, nodes, events, faults, findings, hash }: Outcome): object {
    return {
      seed,
      nodes,
      events,
      faults,
      violations: findings.map(({ guarantee, problem }) => `${guarantee}: ${problem}`),
      hash,
    };
  }

  totals(): object {
    return {
      seeds: this.#seeds,
      runsByNodes: this.#nodes,
      events: this.#events,
      faults: this.#faults,
      violations: this.violations,
    };
  }

  text(): string {
    return [
      `seeds run             ${this.#seeds}`,
      `runs by nodes         ${Object.entries(this.#nodes)
        .map(([nodes, runs]) => `${runs} with ${nodes}`)
        .join(", ")}`,
      `frames on the network ${this.#events}`,
      `faults                ${countsText(this.#faults)}`,
      `violations            ${countsText(this.#violations)}`,
    ].join("\n");
  }
}

function addTo(counts: Counts, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}

function countsText(counts: Counts): string {
  const entries = Object.entries(counts).sort(([one], [other]) => one.localeCompare(other));
  return entries.length === 0 ? "none" : entries.map(([name, count]) => `${name} ${count}`).join(", ");
}
