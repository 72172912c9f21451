import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { repository } from "../support/command.js";

const program = join(repository, "dist/src/cli/main.js");

/** A server in a process of its own. It ends when it is disposed of. */
export interface RunningServer extends AsyncDisposable {
  /** Where it speaks gRPC, like "127.0.0.1:7400". */
  readonly address: string;
  issueToken(userId: string): Promise<string>;
}

/** Starts the built server on free ports, with its data in a directory. Rejects if it ends before it listens. */
export async function startServer(dataDirectory: string): Promise<RunningServer> {
  const args = [program, "serve", "--grpc-port", "0", "--http-port", "0", "--data-dir", dataDirectory, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const listening = once(createInterface({ input: child.stdout }), "line");
  const line = await Promise.race([
    listening.then(([text]: string[]) => text ?? ""),
    exited.then(([code]) => Promise.reject(new Error(`the server ended with code ${code} before it listened`))),
  ]);
  return {
    address: JSON.parse(line).grpc,
    issueToken: (userId) => issueToken(userId, dataDirectory),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function issueToken(userId: string, dataDirectory: string): Promise<string> {
  const args = [program, "token", "--user", userId, "--data-dir", dataDirectory];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim();
}
