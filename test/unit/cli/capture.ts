import { Writable } from "node:stream";

/** A stream that keeps what is written to it. */
export class Capture extends Writable {
  readonly isTTY = false;
  text = "";
  #onText = (): void => {};

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.#onText();
    done();
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** Resolves when a line is there. One waiter at a time. */
  until(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onText = () => {
        if (this.lines.includes(line)) resolve();
      };
      this.#onText();
    });
  }
}
