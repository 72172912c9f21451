// The files of the repository, as the tidy tests read them.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The directory of the repository, with a slash at the end. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

const notOurs = new Set([".cache", ".git", "coverage", "dist", "node_modules"]);

export interface RepositoryFile {
  /** The path from the directory of the repository. */
  readonly path: string;
  readonly text: string;
}

/** All files that people or generators wrote, below a folder, or everywhere. A folder that does not exist has none. */
export function readFiles(folder = ""): RepositoryFile[] {
  return listFiles(join(repository, folder)).map((path) => ({
    path: relative(repository, path),
    text: readFileSync(path, "utf8"),
  }));
}

/** The TypeScript files of some folders, without the fixtures of the tidy tests. */
export function readSources(...folders: readonly string[]): RepositoryFile[] {
  return folders.flatMap(readSourcesOf);
}

function readSourcesOf(folder: string): RepositoryFile[] {
  return readFiles(folder).filter(({ path }) => path.endsWith(".ts") && !path.startsWith("test/tidy/fixtures/"));
}

function listFiles(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.flatMap((entry) => {
    if (notOurs.has(entry.name)) return [];
    const path = join(directory, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}
