import { Command, CommanderError } from "commander";
import { AldisError, messageOf } from "../client/error.js";
import { serverVersion } from "../server/version.js";
import { addAdmin, addCluster } from "./admin/commands.js";
import { CliError } from "./cli-error.js";
import { addDemo, addDoctor, addLogin, addServe, addStore, addToken, type RunCommand } from "./commands.js";
import type { CliContext } from "./context.js";
import { escapeControls } from "./escape.js";

/** Does what the arguments say, and returns the exit code: 0, 1 for a failure, 2 for wrong arguments. Never throws. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode = 0;
  const program = createProgram(context, async (command) => {
    exitCode = await command(context);
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (thrown) {
    // Commander has told its own errors already.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    context.errors.write(`${messageFor(thrown)}\n`);
    return thrown instanceof CliError ? thrown.exitCode : 1;
  }
}

function createProgram(context: CliContext, run: RunCommand): Command {
  const program = new Command("aldis")
    .description("Aldis: a self-hosted real-time signaling server, and tools to try it.")
    .version(serverVersion)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.output.write(text),
      writeErr: (text) => context.errors.write(text),
    });
  for (const add of [addServe, addDoctor, addToken, addStore, addAdmin, addCluster, addDemo, addLogin]) add(program, run);
  return program;
}

function messageFor(thrown: unknown): string {
  const code = thrown instanceof AldisError ? `${thrown.codeName}: ` : "";
  return `${code}${messageOf(thrown).split("\n").map(escapeControls).join("\n")}`;
}
