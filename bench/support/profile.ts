import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const mostFunctions = 15;

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A new directory for CPU profiles. */
export function makeProfileDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), "aldis-profile-"));
}

/** Where the profiles of a directory are, and for each the functions in which the server has spent most of its time. */
export async function printProfiles(directory: string): Promise<string> {
  const paths = (await readdir(directory)).filter((name) => name.endsWith(".cpuprofile")).map((name) => join(directory, name));
  const parts = paths.map(async (path) =>
    [path, ...hottest(JSON.parse(await readFile(path, "utf8")) as CpuProfile)].join("\n"),
  );
  return (await Promise.all(parts)).join("\n\n");
}

function hottest({ nodes, samples, timeDeltas }: CpuProfile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const micros = new Map<string, number>();
  for (const [i, sample] of samples.entries()) {
    const name = names.get(sample) ?? "";
    if (name !== "(idle)") micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  }
  const total = [...micros.values()].reduce((sum, value) => sum + value, 0);
  const sorted = [...micros].sort(([, a], [, b]) => b - a).slice(0, mostFunctions);
  return sorted.map(([name, own]) => `  ${((own / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const place = url === "" ? "" : ` ${basename(url)}:${lineNumber + 1}`;
  return `${functionName || "(anonymous)"}${place}`;
}
