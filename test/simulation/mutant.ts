import type { Guarantee } from "./checkers/index.js";
import { simulate } from "./simulate.js";

/** A server or client that breaks one guarantee on purpose: something of a real class is replaced while a run lasts. */
export class Mutant {
  readonly name: string;
  readonly guarantee: Guarantee;
  readonly #patch: () => () => void;
  readonly #nodes: number;

  /** `patch` breaks it, and gives what mends it again. It is looked for in runs with a number of nodes. */
  constructor(guarantee: Guarantee, name: string, patch: () => () => void, nodes = 1) {
    this.name = name;
    this.guarantee = guarantee;
    this.#patch = patch;
    this.#nodes = nodes;
  }

  /** The number of runs until its guarantee was found broken. Undefined if no run has found it. */
  async firstCatch(firstSeed: number, seeds: number): Promise<number | undefined> {
    const undo = this.#patch();
    try {
      for (let run = 1; run <= seeds; run += 1) {
        const { findings } = await simulate(firstSeed + run - 1, this.#nodes);
        if (findings.some(({ guarantee }) => guarantee === this.guarantee)) return run;
      }
      return undefined;
    } finally {
      undo();
    }
  }
}

/** Replaces a method of a class by one that is made of it. Gives what puts it back. */
export function replaceMethod<Method extends (...parameters: never[]) => unknown>(
  { prototype }: { readonly prototype: object },
  name: string,
  make: (original: Method) => Method,
): () => void {
  return replaceProperty(prototype, name, ({ value }) => ({ value: make(value) }));
}

/** Replaces a getter of a class. Gives what puts it back. */
export function replaceGetter({ prototype }: { readonly prototype: object }, name: string, get: () => unknown): () => void {
  return replaceProperty(prototype, name, () => ({ get }));
}

function replaceProperty(
  prototype: object,
  name: string,
  make: (original: PropertyDescriptor) => PropertyDescriptor,
): () => void {
  const original = Object.getOwnPropertyDescriptor(prototype, name);
  if (original === undefined) throw new Error(`there is nothing called ${name} to replace`);
  Object.defineProperty(prototype, name, { ...original, ...make(original) });
  return () => Object.defineProperty(prototype, name, original);
}
