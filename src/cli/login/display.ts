import { clearLine, cursorTo, type Interface } from "node:readline";
import type { Output } from "../context.js";

/** Shows lines above the one that is being typed, which stays as it is. */
export class Display {
  readonly #output: Output;
  #typing: Interface | undefined;

  /** `typing` is undefined where nobody types: then lines are just written. */
  constructor(output: Output, typing: Interface | undefined) {
    this.#output = output;
    this.#typing = typing;
    typing?.once("close", () => {
      this.#typing = undefined;
      // What follows begins on a line of its own, not behind the prompt.
      output.write("\n");
    });
  }

  show(text: string): void {
    if (this.#typing !== undefined) {
      cursorTo(this.#output, 0);
      clearLine(this.#output, 0);
    }
    this.#output.write(`${text}\n`);
    this.#typing?.prompt(true);
  }
}
