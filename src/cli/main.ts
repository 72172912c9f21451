#!/usr/bin/env node
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import { systemContext } from "./context.js";
import { runCli } from "./program.js";

// The commands tell each failure themselves, in their own words.
if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);
// A reader that closes the pipe early, such as `head`, is no error.
process.stdout.on("error", () => process.exit(0));
process.exit(await runCli(process.argv.slice(2), systemContext()));
