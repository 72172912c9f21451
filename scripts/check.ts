// `npm run check`: everything about the repository that a machine can judge, except for the tests. It changes nothing.
import { checkBreaking } from "./check/breaking.js";
import { checkGenerated } from "./check/generated.js";
import { command, type Outcome } from "./support/command.js";

interface Check {
  readonly name: string;
  run(): Promise<Outcome>;
  /** What to do about a failure: a command, or advice where no command does it. */
  readonly mend: string;
}

const folders = ["src", "gen", "test", "bench", "scripts", "tools"];

const checks: readonly Check[] = [
  {
    name: "format and lint",
    run: () => command("biome", ["check", "--error-on-warnings", "--max-diagnostics=100"]),
    mend: "npx biome check --write",
  },
  {
    name: "types",
    run: () => command("tsc", ["--noEmit", "--incremental", "--tsBuildInfoFile", ".cache/types.tsbuildinfo"]),
    mend: "mend the types, then: npx tsc --noEmit",
  },
  {
    name: "import directions",
    run: () => command("depcruise", ["--output-type", "err-long", ...folders]),
    mend: "move the import to where .dependency-cruiser.mjs allows it, then: npm run check",
  },
  {
    name: "unused code",
    run: () => command("knip", ["--treat-config-hints-as-errors"]),
    mend: "npx knip --fix --allow-remove-files (look at what it removes)",
  },
  { name: "protocol lint", run: () => command("buf", ["lint"]), mend: "mend proto/, then: npx buf lint" },
  { name: "protocol format", run: () => command("buf", ["format", "--diff", "--exit-code"]), mend: "npx buf format --write" },
  { name: "protocol compatibility", run: checkBreaking, mend: "add to the protocol, and change nothing that is in it" },
  { name: "generated code", run: checkGenerated, mend: "npm run generate" },
  {
    name: "protocol document",
    run: () => command("tsx", ["scripts/generate-docs.ts", "--check"]),
    mend: "npm run generate",
  },
];

async function runCheck(check: Check): Promise<Outcome["state"]> {
  const started = performance.now();
  const outcome = await check.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${check.name.padEnd(24)}${outcome.state.padEnd(9)}${seconds} s`);
  if (outcome.output !== "") console.log(outcome.output.replace(/^/gm, "    "));
  if (outcome.state === "failed") console.log(`    To mend it: ${check.mend}`);
  return outcome.state;
}

const counts = { ok: 0, failed: 0, skipped: 0 };
for (const check of checks) counts[await runCheck(check)] += 1;
console.log(`${counts.ok} ok, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
