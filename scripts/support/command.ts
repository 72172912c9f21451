import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The directory of the repository. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  readonly state: "ok" | "failed" | "skipped";
  /** What to show. For a skipped check, the reason. */
  readonly output: string;
}

/** Runs a tool of node_modules/.bin, or a program of the PATH, in the repository. Shows its output only if it fails. */
export async function command(program: string, args: readonly string[]): Promise<Outcome> {
  const { code, output } = await run(program, args);
  return code === 0 ? { state: "ok", output: "" } : { state: "failed", output };
}

/** Runs a program and gives its exit code and all that it printed. A program that cannot be started counts as code 127. */
export function run(program: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  const path = `${repository}node_modules/.bin:${process.env.PATH}`;
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString().trimEnd() }));
  });
}
