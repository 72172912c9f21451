import { PassThrough } from "node:stream";
import type { CliContext } from "../../../src/cli/context.js";
import { systemMachine } from "../../../src/cli/doctor/machine.js";
import { runCli } from "../../../src/cli/program.js";
import { systemRuntime } from "../../../src/server/runtime.js";
import { Capture } from "./capture.js";

/** The world of a command: what it writes is kept, what it reads is typed by the test, and it finds no server unless told. */
export class TestWorld {
  readonly output = new Capture();
  readonly errors = new Capture();
  readonly input = new PassThrough();
  readonly #context: CliContext;
  #onStop = (): void => {};
  #onReload = (): void => {};

  /** `dataDir` is the directory of the test, so that nothing is read from or written to that of the user. */
  constructor(dataDir: string, parts: Partial<CliContext> = {}) {
    this.#context = {
      env: { ALDIS_DATA_DIR: dataDir },
      input: this.input,
      output: this.output,
      errors: this.errors,
      runtime: systemRuntime,
      machine: systemMachine,
      readFile: () => {
        throw new Error("no such file");
      },
      createServer: () => Promise.reject(new Error("This test has no server.")),
      openTransport: () => {
        throw new Error("This test has no network.");
      },
      openAdminTransport: () => {
        throw new Error("This test has no network.");
      },
      answers: () => Promise.resolve(false),
      onStop: (listener) => {
        this.#onStop = listener;
      },
      onReload: (listener) => {
        this.#onReload = listener;
      },
      ...parts,
    };
  }

  /** Runs a command line and gives its exit code. */
  run(...args: string[]): Promise<number> {
    return runCli(args, this.#context);
  }

  /** Asks the running command to read its files again, as a signal does. */
  reload(): void {
    this.#onReload();
  }

  /** Asks the running command to stop, as a signal does. */
  stop(): void {
    this.#onStop();
  }
}
