// The file through which a development server and the clients of the same user on the same machine find each other.
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makePrivateDirectory } from "../private-directory.js";
import { type Runtime, randomId } from "../runtime.js";

const schema = z.object({
  appId: z.string().min(1),
  secret: z.string().min(32),
  grpc: z.string().optional(),
  http: z.string().optional(),
  pid: z.int().optional(),
});

/** The secret is that of `secretTokenKey`. `grpc`, `http` ("host:port") and `pid` are absent while no server runs. */
export type DevelopmentFile = Readonly<z.output<typeof schema>>;

const pathIn = (dataDir: string): string => join(dataDir, "development.json");

/** The file of a data directory; `undefined` if there is none, or none that can be read and understood. */
export async function readDevelopmentFile(dataDir: string): Promise<DevelopmentFile | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(pathIn(dataDir), "utf8")));
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step, for the eyes of its user only. Makes the directory if there is none. */
export async function writeDevelopmentFile(dataDir: string, content: DevelopmentFile): Promise<void> {
  makePrivateDirectory(dataDir);
  const draft = `${pathIn(dataDir)}.${content.pid ?? "closed"}`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  await rename(draft, pathIn(dataDir));
}

/** The secret of earlier runs, or a new one of 256 random bits, so that tokens outlive a restart. It is not written yet. */
export async function developmentSecret(dataDir: string, runtime: Runtime): Promise<string> {
  const file = await readDevelopmentFile(dataDir);
  return file?.secret ?? randomId(runtime, 256);
}

/** Drops the addresses of the server with this process id and keeps the secret. Leaves the file of another server alone. */
export async function closeDevelopmentFile(dataDir: string, pid: number): Promise<void> {
  const file = await readDevelopmentFile(dataDir);
  if (file?.pid === pid) await writeDevelopmentFile(dataDir, { appId: file.appId, secret: file.secret });
}
