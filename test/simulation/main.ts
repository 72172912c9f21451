// The deterministic simulator from the command line: `npm run simulate -- --seeds 1000`.
import { Command, InvalidArgumentError } from "commander";
import { MutantTable } from "./mutant-table.js";
import { mutants } from "./mutants.js";
import { simulate } from "./simulate.js";
import { Summary } from "./summary.js";
import { timelineOf } from "./timeline.js";

interface Options {
  readonly seeds: number;
  readonly seed: number;
  readonly json: boolean;
  readonly mutants: boolean;
  readonly nodes: number | undefined;
}

const program = new Command("simulate")
  .description(
    "Runs nodes, the engine that they share and clients in one process, on a virtual clock and a faulty network that follow from a seed,\n" +
      "and checks every guarantee of the protocol. The same seed and the same code give the same run.",
  )
  .option("--seeds <number>", "how many runs", count, 100)
  .option("--seed <number>", "the seed of the first run; the others follow", count, 1)
  .option("--nodes <number>", "how many nodes, which share an engine; by default the seed decides", count)
  .option("--json", "print one object a run, and a last one with the sums", false)
  .option("--mutants", "break each guarantee on purpose, and print how many runs it took to notice", false)
  .addHelpText("after", "\nThe exit code is 1 if a guarantee was broken, or a mutant was not noticed.");

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("Give a whole number.");
  return value;
}

async function runSeeds({ seeds, seed: first, json, nodes }: Options): Promise<boolean> {
  const summary = new Summary();
  for (let seed = first; seed < first + seeds; seed += 1) {
    const outcome = await simulate(seed, nodes);
    summary.add(outcome);
    if (json) console.log(JSON.stringify(summary.lineOf(outcome)));
    const [finding] = outcome.findings;
    if (finding !== undefined) {
      const { guarantee, problem } = finding;
      console.error(`\nseed ${seed} breaks ${guarantee}: ${problem}\n${timelineOf(finding, outcome.lines).join("\n")}`);
      console.error(
        `${outcome.findings.length} findings; replay: npm run simulate -- --seeds 1 --seed ${seed} --nodes ${outcome.nodes}\n`,
      );
    }
    if ((seed - first + 1) % 50 === 0) console.error(`${seed - first + 1} of ${seeds} seeds, ${summary.violations} violations`);
  }
  console.log(json ? JSON.stringify(summary.totals()) : summary.text());
  return summary.violations === 0;
}

async function runMutants({ seeds, seed }: Options): Promise<boolean> {
  const table = new MutantTable();
  for (const mutant of mutants) table.add(mutant, await mutant.firstCatch(seed, seeds));
  console.log(table.text());
  return table.allCaught;
}

const options = program.parse().opts<Options>();
const good = options.mutants ? await runMutants(options) : await runSeeds(options);
process.exitCode = good ? 0 : 1;
