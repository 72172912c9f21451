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

  /** Resolves when a line is there, or one that fits a pattern. One waiter at a time. */
  until(wanted: string | RegExp): Promise<void> {
    const isWanted = (line: string) => (typeof wanted === "string" ? line === wanted : wanted.test(line));
    return new Promise((resolve) => {
      this.#onText = () => {
        if (this.lines.some(isWanted)) resolve();
      };
      this.#onText();
    });
  }
}
