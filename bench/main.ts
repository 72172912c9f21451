#!/usr/bin/env tsx
// `npm run bench -- CASE [options]`. A case prints its progress on standard error and its figures on standard output.
import { Command, Option } from "commander";
import { type CallsOptions, runCalls } from "./cases/calls.js";
import { runStore, type StoreOptions } from "./cases/store.js";
import { printTable } from "./support/table.js";

const program = new Command("bench").description("Measures Aldis. The server runs in a process of its own.");

program
  .command("calls")
  .description("Round trip and server CPU of one call: unary over gRPC, and inside the stream.")
  .addOption(new Option("--seconds <n>", "length of each measurement").default(5).argParser(Number))
  .addOption(new Option("--runs <n>", "measurements of each kind; medians are reported").default(5).argParser(Number))
  .addOption(new Option("--concurrency <n>", "calls open at once in the second half").default(32).argParser(Number))
  .option("--json", "one JSON object a line on standard output, and nothing else there")
  .action(async (options: CallsOptions & { json?: boolean }) => {
    const rows = await runCalls(options, (text) => process.stderr.write(`${text}\n`));
    if (options.json) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    else process.stdout.write(printTable(rows));
    if (rows.some((row) => row.failed > 0)) process.exitCode = 1;
  });

program
  .command("store")
  .description("Confirmed appends to the store with 1 and 64 in flight, and the start with many stored messages.")
  .addOption(new Option("--seconds <n>", "length of each measurement").default(5).argParser(Number))
  .addOption(new Option("--messages <n>", "messages stored before the start").default(100_000).argParser(Number))
  .option("--json", "one JSON object a line on standard output, and nothing else there")
  .action(async (options: StoreOptions & { json?: boolean }) => {
    const rows = await runStore(options, (text) => process.stderr.write(`${text}\n`));
    if (options.json) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    else process.stdout.write(printTable(rows));
  });

await program.parseAsync();
