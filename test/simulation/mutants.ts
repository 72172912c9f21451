import { Calls } from "../../src/client/connection/calls.js";
import { Session as ClientSession } from "../../src/client/connection/session.js";
import { MemoryRetryMemory } from "../../src/server/engine/embedded/memory-retry-memory.js";
import { RoomMembership } from "../../src/server/fanout/room-membership.js";
import { Deliveries } from "../../src/server/feature/deliveries.js";
import { Hub } from "../../src/server/fanout/hub.js";
import { Lanes } from "../../src/server/session/lanes.js";
import { Login } from "../../src/server/session/login.js";
import { Outbox } from "../../src/server/session/outbox.js";
import { Sessions } from "../../src/server/session/sessions.js";
import type { Guarantee } from "./checkers/index.js";
import { simulate } from "./simulate.js";

/** A server or client that breaks one guarantee on purpose: a method of the real class is replaced while a run lasts. */
export class Mutant {
  constructor(
    readonly name: string,
    readonly guarantee: Guarantee,
    private readonly patch: () => () => void,
  ) {}

  /** The number of runs until the guarantee was found broken. Undefined if none of them has found it. */
  async firstCatch(firstSeed: number, seeds: number): Promise<number | undefined> {
    const undo = this.patch();
    try {
      for (let run = 1; run <= seeds; run += 1) {
        const { findings } = await simulate(firstSeed + run - 1);
        if (findings.some(({ guarantee }) => guarantee === this.guarantee)) return run;
      }
      return undefined;
    } finally {
      undo();
    }
  }
}

/** Replaces a property of a prototype. Gives what puts it back. */
function replace(prototype: object, name: string, make: (original: PropertyDescriptor) => PropertyDescriptor): () => void {
  const original = Object.getOwnPropertyDescriptor(prototype, name);
  if (original === undefined) throw new Error(`there is nothing called ${name} to replace`);
  Object.defineProperty(prototype, name, { ...original, ...make(original) });
  return () => Object.defineProperty(prototype, name, original);
}

type Method<T> = (this: T, ...args: unknown[]) => unknown;

/** Replaces a method by one that is given the original. */
function replaceMethod<T>(prototype: T & object, name: string, make: (original: Method<T>) => Method<T>): () => void {
  return replace(prototype, name, ({ value }) => ({ value: make(value as Method<T>) }));
}
