// `npm run test -- --dialect-coverage`: runs the tests of the dialects and tells which rows of the old systems have a test that passed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "./support/command.js";
import { withScratch } from "./support/scratch.js";

/** A test as vitest reports it. */
interface TestReport {
  readonly fullName: string;
  readonly status: string;
}

const dialects: Readonly<Record<string, string>> = { S: "signaling", R: "rtm", V: "rts" };
const kinds: Readonly<Record<string, string>> = {
  M: "methods",
  C: "callbacks",
  E: "enums",
  I: "invoke names",
  A: "built-in attributes",
  X: "fields of extra",
  H: "special channels",
  T: "types",
  D: "removed names",
  L: "limits",
};

/** Prints the coverage. True if every row has a test that passed, and no test failed. */
export async function printDialectCoverage(): Promise<boolean> {
  const rows = JSON.parse(await readFile(join(repository, "test/dialect/rows.json"), "utf8")) as Record<string, string>;
  const tests = await runTests();
  const failed = tests.filter(({ status }) => status === "failed");
  const tested = new Set(tests.filter(({ status }) => status === "passed").flatMap(({ fullName }) => rowsIn(fullName)));
  for (const [letter, dialect] of Object.entries(dialects)) {
    const own = Object.keys(rows).filter((id) => id.startsWith(letter));
    console.log(`${dialect}: ${own.filter((id) => tested.has(id)).length} of ${own.length} rows`);
    for (const [kind, name] of Object.entries(kinds)) {
      const some = own.filter((id) => id[2] === kind);
      if (some.length > 0) console.log(`  ${name}: ${some.filter((id) => tested.has(id)).length} of ${some.length}`);
    }
  }
  const missing = Object.entries(rows).filter(([id]) => !tested.has(id));
  console.log(missing.length === 0 ? "missing: nothing" : `missing: ${missing.length}`);
  for (const [id, name] of missing) console.log(`  ${id} ${name}`);
  const unknown = [...tested].filter((id) => !(id in rows));
  if (unknown.length > 0) console.log(`tests name rows that do not exist: ${unknown.join(", ")}`);
  for (const { fullName } of failed) console.log(`failed: ${fullName}`);
  return missing.length + unknown.length + failed.length === 0;
}

const rowsIn = (name: string): readonly string[] => name.match(/\b[SRV]-[MCEIAXHTDL]\d\d\b/g) ?? [];

async function runTests(): Promise<readonly TestReport[]> {
  return await withScratch(async (folder) => {
    const report = join(folder, "report.json");
    const vitest = join(repository, "node_modules/.bin/vitest");
    const options = ["run", "test/dialect", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
    const [code] = await once(spawn(vitest, options, { cwd: repository, stdio: ["ignore", 2, 2] }), "exit");
    const { testResults } = JSON.parse(await readFile(report, "utf8")) as {
      readonly testResults: readonly {
        readonly name: string;
        readonly status: string;
        readonly assertionResults: readonly TestReport[];
      }[];
    };
    const broken = testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0);
    for (const { name } of broken) console.error(`${name} could not be run`);
    if (code !== 0) process.exitCode = 1;
    return testResults.flatMap(({ assertionResults }) => assertionResults);
  });
}
