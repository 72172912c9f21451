import type { Mutant } from "./mutant.js";

/** Which mutants were noticed, and after how many runs. */
export class MutantTable {
  readonly #rows: { readonly mutant: Mutant; readonly runs: number | undefined }[] = [];

  add(mutant: Mutant, runs: number | undefined): void {
    this.#rows.push({ mutant, runs });
  }

  get allCaught(): boolean {
    return this.#rows.every(({ runs }) => runs !== undefined);
  }

  text(): string {
    const lines = this.#rows.map(({ mutant: { name, guarantee }, runs }) => [name, guarantee, String(runs ?? "not noticed")]);
    const rows = [["mutant", "guarantee", "seeds until caught"], ...lines];
    return rows
      .map(([name = "", guarantee = "", runs = ""]) => `${name.padEnd(54)} ${guarantee.padEnd(16)} ${runs}`)
      .join("\n");
  }
}
