import type { Target } from "../target.js";

/** One way to harm a server. */
export interface Attack {
  readonly name: string;
  /** What it does, in a sentence. */
  readonly about: string;
  /** The time that it needs at least to show an effect, in milliseconds. */
  readonly leastMs?: number;
  /** Attacks until the target is over. Rejects only for a fault of the attack itself. */
  run(target: Target): Promise<void>;
}

/** Runs a task again and again, several at a time, until the attack is over. */
export async function repeat(target: Target, atOnce: number, task: () => Promise<void>): Promise<void> {
  const one = async () => {
    while (!target.over) await task();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
