// Kills a real server under load, starts it again, and looks for everything that it had confirmed: `npm run test:crash`. With
// `-- --power-cuts N` it cuts the power of a disk that keeps only what was synced; that needs strace.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { Random } from "../simulation/random.js";
import { type Confirmed, load } from "./load.js";
import { cutPower } from "./power/power-cuts.js";
import { record } from "./power/recording.js";
import { type CrashingServer, startServer } from "./server.js";
import { type Verdict, verify } from "./verify.js";

/** When the kill comes, in milliseconds after the load has begun. */
const [earliestKillMs, latestKillMs] = [50, 1000];

interface Options {
  readonly rounds: number;
  readonly powerCuts: number;
  readonly seed: number;
  readonly json: boolean;
}

interface Round extends Verdict {
  readonly round: number;
  readonly confirmed: number;
  readonly killedAfterMs: number;
  readonly restartMs: number;
}

const options = new Command("test:crash")
  .description("Kills a server under load again and again, and checks that nothing it had confirmed is lost, doubled or moved.")
  .option("--rounds <number>", "how many kills", count, 20)
  .option(
    "--power-cuts <number>",
    "how many power cuts to play instead, on a recording of what a store does to its disk",
    count,
    0,
  )
  .option("--seed <number>", "the seed of the times", count, 1)
  .option("--json", "print one object a round, and a last one with the sums", false)
  .parse()
  .opts<Options>();

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("Give a whole number.");
  return value;
}

async function playRound(round: number, dataDir: string, killedAfterMs: number): Promise<Round> {
  const names = { channel: `channel${round}`, sender: `sender${round}`, away: `away${round}` };
  const confirmed: Confirmed = { channel: new Map(), peer: new Set(), attribute: 0, invitations: new Set(), count: 0 };
  const first = await startServer(dataDir);
  await crash(first, names, confirmed, killedAfterMs);
  const second = await startServer(dataDir);
  try {
    const verdict = await verify(second, names, confirmed);
    return { round, confirmed: confirmed.count, ...verdict, killedAfterMs, restartMs: Math.round(second.startMs) };
  } finally {
    await second.kill();
  }
}

async function crash(
  server: CrashingServer,
  names: { channel: string; sender: string; away: string },
  confirmed: Confirmed,
  afterMs: number,
): Promise<void> {
  const client = server.client(names.sender);
  await client.login();
  await client.channel(names.channel).join();
  let over = false;
  const loading = load(client, names, confirmed, () => over);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await server.kill();
  over = true;
  await Promise.all([client.close(), loading]);
}

/** The batches of the recording on which power is cut: enough for a few starts. */
const recordedBatches = 200;

/** Prints the sums, and gives the exit code. */
async function playPowerCuts({ powerCuts, seed, json }: Options): Promise<number> {
  const { cuts, problems } = await cutPower(await record(recordedBatches), powerCuts, seed);
  for (const problem of problems) console.error(problem);
  console.log(
    json ? JSON.stringify({ powerCuts: cuts, problems: problems.length }) : `${cuts} power cuts, ${problems.length} problems`,
  );
  return problems.length === 0 ? 0 : 1;
}

/** Prints the rounds and their sums, and gives the exit code. */
async function playKills({ rounds, seed, json }: Options): Promise<number> {
  const random = new Random(seed);
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-crash-"));
  const sums = { rounds: 0, confirmed: 0, lost: 0, duplicated: 0, reordered: 0 };
  for (let number = 1; number <= rounds; number += 1) {
    const round = await playRound(number, dataDir, random.between(earliestKillMs, latestKillMs));
    sums.rounds += 1;
    for (const name of ["confirmed", "lost", "duplicated", "reordered"] as const) sums[name] += round[name];
    if (json) console.log(JSON.stringify(round));
    console.error(`round ${number} of ${rounds}: ${round.confirmed} confirmed, ${round.lost} lost`);
  }
  const spoken = Object.entries(sums).map(([name, sum]) => `${sum} ${name}`);
  console.log(json ? JSON.stringify(sums) : spoken.join(", "));
  await rm(dataDir, { recursive: true });
  return sums.lost + sums.duplicated + sums.reordered === 0 ? 0 : 1;
}

process.exitCode = await (options.powerCuts > 0 ? playPowerCuts(options) : playKills(options));
