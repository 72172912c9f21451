import type { Output } from "../context.js";
import { escapeControls } from "../escape.js";
import type { Facts } from "./step.js";

/** How one step went. `number` counts from 1. */
interface PlayedStep {
  readonly number: number;
  readonly name: string;
  readonly ms: number;
  readonly facts: Facts;
  /** What went wrong; absent if nothing did. */
  readonly problem?: string;
}

/** Tells how a story goes. */
export interface Narrator {
  begin(place: string): void;
  tell(step: PlayedStep): void;
  /** `steps` is the number of steps that were played. */
  end(ok: boolean, steps: number): void;
}

/** Tells it for people, a line a step. */
export function plainNarrator(output: Output, hasColours: boolean): Narrator {
  const paint = (code: number, text: string): string => (hasColours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const write = (line: string): void => {
    output.write(`${line}\n`);
  };
  return {
    begin: (place) => write(`The story plays on ${place}.\n`),
    tell({ name, ms, facts, problem }) {
      const mark = problem === undefined ? paint(32, "✓") : paint(31, "✗");
      const found = Object.entries(facts).map(([key, value]) => `${key} ${value}`);
      const more = problem === undefined ? paint(2, found.join(", ")) : escapeControls(problem);
      write(`${mark} ${name.padEnd(54)} ${`${Math.round(ms)} ms`.padStart(8)}  ${more}`.trimEnd());
    },
    end: (ok, steps) => write(ok ? `\nAll ${steps} steps went well.` : `\nStep ${steps} failed.`),
  };
}

/** Tells it for programs, a line of JSON a step and one at the end. */
export function jsonNarrator(output: Output): Narrator {
  const write = (line: object): void => {
    output.write(`${JSON.stringify(line)}\n`);
  };
  return {
    begin() {},
    tell: ({ number, name, ms, facts, problem }) =>
      write({ step: number, name, ok: problem === undefined, ms: Math.round(ms), ...facts, problem }),
    end: (ok, steps) => write({ done: true, ok, steps }),
  };
}
