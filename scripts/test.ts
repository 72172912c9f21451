// `npm test`: all tests, by vitest, which gets all options but two: `npm run test -- --seed N` replays a run of the property tests, and
// `npm run test -- --dialect-coverage` tells which rows of the old systems have a test that passed. Installs Redis if it can and must.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { printDialectCoverage } from "./dialect-coverage.js";
import { repository } from "./support/command.js";
import { ensureRedis } from "./support/redis/program.js";

const options = process.argv.slice(2);
if (options.includes("--dialect-coverage")) process.exit((await printDialectCoverage()) ? 0 : 1);
const env = { ...process.env };
const at = options.indexOf("--seed");
if (at >= 0) {
  const [, seed = ""] = options.splice(at, 2);
  if (!/^-?\d+$/.test(seed)) {
    console.error(`--seed must be followed by a whole number, not by "${seed}"`);
    process.exit(2);
  }
  env.TEST_SEED = seed;
}
ensureRedis();
const vitest = join(repository, "node_modules/.bin/vitest");
const [code] = await once(spawn(vitest, ["run", ...options], { cwd: repository, env, stdio: "inherit" }), "exit");
process.exitCode = code ?? 1;
