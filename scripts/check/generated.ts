import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { command, type Outcome, repository } from "../support/command.js";
import { withScratch } from "../support/scratch.js";

/** Generates the code again, elsewhere, and compares it with gen/. */
export function checkGenerated(): Promise<Outcome> {
  return withScratch(async (directory) => {
    const generated = await command("buf", ["generate", "--output", directory]);
    if (generated.state === "failed") return generated;
    const differences = compare(await readTree(join(repository, "gen")), await readTree(join(directory, "gen")));
    return { state: differences.length === 0 ? "ok" : "failed", output: differences.join("\n") };
  });
}

/** The text of each file in a directory and below, by its path. */
async function readTree(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(relative(directory, path), await readFile(path, "utf8"));
  }
  return files;
}

function compare(committed: Map<string, string>, generated: Map<string, string>): string[] {
  const paths = [...new Set([...committed.keys(), ...generated.keys()])].sort();
  return paths.flatMap((path) => {
    if (!generated.has(path)) return [`- gen/${path} is not generated from proto/`];
    if (!committed.has(path)) return [`+ gen/${path} is missing`];
    return committed.get(path) === generated.get(path) ? [] : [`~ gen/${path} differs`];
  });
}
