import { backUpStore, checkStore, storeStats } from "../../server/compose.js";
import { defaultDataDir } from "../../server/config.js";
import type { CliContext } from "../context.js";

export interface StoreOptions {
  /** The data directory; by default that of the server of this machine. */
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `aldis store check`: reads everything; 1 if something is damaged. */
export async function storeCheckCommand(options: StoreOptions, context: CliContext): Promise<number> {
  const problems = checkStore(dataDirOf(options, context));
  if (options.json) context.output.write(`${JSON.stringify({ ok: problems.length === 0, problems })}\n`);
  else if (problems.length === 0) context.output.write("The store is well.\n");
  else {
    for (const problem of problems) context.output.write(`${problem}\n`);
    context.errors.write("The store is damaged: stop the server, and put a backup in the place of aldis.db.\n");
  }
  return problems.length === 0 ? 0 : 1;
}

/** `aldis store stats`: how much is stored. */
export async function storeStatsCommand(options: StoreOptions, context: CliContext): Promise<number> {
  const stats = storeStats(dataDirOf(options, context));
  const lines = Object.entries(stats).map(([name, value]) => `${name.padEnd(16)} ${value}\n`);
  context.output.write(options.json ? `${JSON.stringify(stats)}\n` : lines.join(""));
  return 0;
}

/** `aldis store backup`: a copy of the store, also while the server runs. */
export async function storeBackupCommand(
  file: string | undefined,
  options: StoreOptions,
  context: CliContext,
): Promise<number> {
  const target = file ?? `aldis-backup-${context.runtime.clock.now()}.db`;
  await backUpStore(dataDirOf(options, context), target);
  context.output.write(options.json ? `${JSON.stringify({ file: target })}\n` : `Written to ${target}.\n`);
  return 0;
}

function dataDirOf({ dataDir }: StoreOptions, { env }: CliContext): string {
  return dataDir ?? env.ALDIS_DATA_DIR ?? defaultDataDir(env);
}
