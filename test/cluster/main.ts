// `npm run test:cluster`: three real nodes on a real Redis, under load, with one fault in each round, and the checkers of the
// guarantees watching all clients.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { ensureRedis } from "../../scripts/support/redis/program.js";
import { Random } from "../simulation/random.js";
import { Cluster } from "./cluster.js";
import { type Fault, faults } from "./faults.js";
import { playRound, type Round } from "./round.js";
import { type Counts, noCounts } from "./verdict.js";

interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly fault?: string;
  readonly json: boolean;
}

const nodes = 3;

const options = new Command("test:cluster")
  .description("Lets real nodes on a real Redis suffer faults under load, and checks that the guarantees hold.")
  .option("--rounds <number>", "how many faults", wholeNumber, 15)
  .option("--seed <number>", "the seed of faults, times and what users do", wholeNumber, 1)
  .option("--fault <name>", `only this fault: ${faults.map(({ name }) => name).join(", ")}`)
  .option("--json", "print one object a round, and a last one with the sums", false)
  .parse()
  .opts<Options>();

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("Give a whole number.");
  return value;
}

/** Every fault comes before any comes again, in an order of the seed. */
function* order(random: Random): Generator<Fault> {
  for (;;) {
    const left = faults.filter(({ name }) => options.fault === undefined || name === options.fault);
    if (left.length === 0) throw new Error(`there is no fault "${options.fault}"`);
    while (left.length > 0) yield* left.splice(random.between(0, left.length - 1), 1);
  }
}

async function play(dir: string): Promise<{ rounds: number; confirmed: number } & Counts> {
  const random = new Random(options.seed);
  const cluster = await Cluster.start(nodes, dir);
  const sums = { rounds: 0, confirmed: 0, ...noCounts() };
  try {
    for (const fault of order(random)) {
      if (sums.rounds === options.rounds) break;
      const round = await playRound(sums.rounds + 1, fault, cluster, random.fork());
      sums.rounds += 1;
      sums.confirmed += round.confirmed;
      for (const name of Object.keys(noCounts()) as (keyof Counts)[]) sums[name] += round[name];
      report(round);
    }
  } finally {
    await cluster.stop();
  }
  return sums;
}

function report(round: Round): void {
  if (options.json) console.log(JSON.stringify(round));
  const { fault, confirmed, refused, settledMs, ms, problems } = round;
  const verdict = problems.length === 0 ? "all is well" : `${problems.length} problems`;
  console.error(
    `round ${round.round} of ${options.rounds}, ${fault}: ${confirmed} confirmed, ${refused} refused, settled in ${settledMs} of ${ms} ms, ${verdict}`,
  );
  for (const problem of problems.slice(0, 20)) console.error(`    ${problem}`);
}

if (ensureRedis() === undefined) process.exit(1);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const dir = await mkdtemp(join(tmpdir(), "aldis-cluster-"));
const { rounds, confirmed, ...counts } = await play(dir);
const sums = { rounds, confirmed, ...counts };
console.log(
  options.json
    ? JSON.stringify(sums)
    : Object.entries(sums)
        .map(([name, sum]) => `${sum} ${name}`)
        .join(", "),
);
const isWell = Object.values(counts).every((sum) => sum === 0);
if (isWell) await rm(dir, { recursive: true });
else console.error(`The logs of the nodes are in ${dir}.`);
process.exitCode = isWell ? 0 : 1;
