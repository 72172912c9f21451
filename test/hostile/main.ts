// Attacks a real server with each of the attacks in turn, while honest clients use it: `npm run test:hostile`.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import type { Attack } from "./attacks/attack.js";
import { attacks } from "./attacks/index.js";
import { HonestClients } from "./honest-clients.js";
import { Phases } from "./phases.js";
import { Server, secret } from "./server.js";
import type { Outcome } from "./tally.js";
import { type Order, pause } from "./target.js";
import { judge, type Result } from "./verdict.js";

const program = fileURLToPath(new URL("attacker.ts", import.meta.url));

/**
 * How long honest clients are measured without an attack, how long one is let loose at a time where that is judged, how long what it
 * has left behind does not count, and what an attack costs besides its own time, in milliseconds.
 */
const [calmMs, sliceMs, settleMs, overheadMs] = [1000, 1000, 300, 3000];
const shortestAttackMs = 1500;

interface Options {
  readonly minutes: number;
  readonly attack: string | undefined;
  readonly seed: number;
  readonly json: boolean;
  readonly ci: boolean;
}

const options = new Command("test:hostile")
  .description("Attacks a server in every way that is known, and checks that it lives and that honest clients notice nothing.")
  .option("--minutes <number>", "how long all attacks take together", number, 2.5)
  .option("--attack <name>", `one attack only: ${attacks.map(({ name }) => name).join(", ")}`)
  .option("--seed <number>", "the seed of what is sent", number, 1)
  .option("--json", "print one object an attack, and a last one with the sums", false)
  .option("--ci", "report how long honest clients wait, but do not judge it: other work on the machine would count", false)
  .parse()
  .opts<Options>();

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("Give a number above 0.");
  return value;
}

const chosen = attacks.filter(({ name }) => options.attack === undefined || name === options.attack);
const durationMs = (options.minutes * 60_000) / chosen.length - calmMs - overheadMs;

/** Stops an attacker again and again, so that attack and calm share whatever else the machine does meanwhile. */
async function alternate(attacker: ChildProcess, phases: Phases, over: Promise<unknown>): Promise<void> {
  let isOver = false;
  const end = over.finally(() => {
    isOver = true;
  });
  for (;;) {
    phases.enter("attack");
    await Promise.race([end, pause(sliceMs)]);
    if (isOver) return;
    attacker.kill("SIGSTOP");
    phases.enter("settling");
    await pause(settleMs);
    phases.enter("calm");
    await pause(sliceMs);
    attacker.kill("SIGCONT");
  }
}

/** Lets an attacker loose, and gives what came of it. */
async function attackWith(attacker: ChildProcess): Promise<Outcome> {
  const exited = once(attacker, "exit").then(() => Promise.reject(new Error("the attacker's process has failed")));
  const answer = once(attacker, "message");
  attacker.send("go");
  const [outcome] = (await Promise.race([answer, exited])) as [Outcome];
  exited.catch(() => {});
  return outcome;
}

async function play({ name, leastMs = shortestAttackMs }: Attack, server: Server, honest: HonestClients): Promise<Result> {
  const order: Order = {
    attack: name,
    port: server.port,
    secret,
    seed: options.seed,
    durationMs: Math.max(leastMs, durationMs),
  };
  const attacker = fork(program, [JSON.stringify(order)], { execArgv: ["--import", "tsx"] });
  await once(attacker, "message");
  const phases = new Phases();
  honest.begin();
  phases.enter("calm");
  await pause(calmMs);
  const attacked = attackWith(attacker);
  if (options.ci) phases.enter("attack");
  else await alternate(attacker, phases, attacked).finally(() => attacker.kill("SIGCONT"));
  const outcome = await attacked;
  phases.enter("settling");
  const comparison = await honest.compare(phases);
  return judge({ attack: name, outcome, comparison, server: server.look(), judgeLatency: !options.ci });
}

/** Prints a result for each attack and the sums, and gives the exit code. */
async function playAll(): Promise<number> {
  if (chosen.length === 0) throw new Error(`there is no attack "${options.attack}"`);
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-hostile-"));
  const server = await Server.start(dataDir);
  const honest = await HonestClients.start(server.port);
  const sums = { attacks: 0, failed: 0, slowed: 0, sent: 0, peakMemoryMiB: 0 };
  try {
    for (const attack of chosen) {
      if (!server.lives) break;
      const result = await play(attack, server, honest);
      sums.attacks += 1;
      sums.sent += result.sent;
      if (result.verdict === "failed") sums.failed += 1;
      if (result.slowed) sums.slowed += 1;
      sums.peakMemoryMiB = Math.max(sums.peakMemoryMiB, result.peakMemoryMiB);
      console.log(options.json ? JSON.stringify(result) : sentenceOf(result));
    }
  } finally {
    await Promise.race([honest.stop(), pause(1000)]);
    await server.stop();
    await rm(dataDir, { recursive: true });
  }
  const spoken = Object.entries(sums).map(([name, sum]) => `${name} ${sum}`);
  console.log(options.json ? JSON.stringify(sums) : spoken.join(", "));
  return sums.failed === 0 && sums.attacks === chosen.length ? 0 : 1;
}

function sentenceOf({ attack, verdict, sent, refused, cut, peakMemoryMiB, before, during, problems }: Result): string {
  const refusals = Object.entries(refused).map(([name, count]) => `${count} ${name}`);
  const answers = [...refusals, `${cut} cut`].join(", ");
  const waits = `honest clients waited ${during.p99Ms} ms, ${before.p99Ms} ms without it`;
  return [`${attack}: ${verdict}. ${sent} sent; ${answers}; ${peakMemoryMiB} MiB; ${waits}.`, ...problems].join("\n  ");
}

process.exitCode = await playAll();
process.exit();
