import type { Scene } from "./scene.js";

/** What a step found out, for people and programs. */
export type Facts = Readonly<Record<string, string | number>>;

export interface Step {
  readonly name: string;
  /** Rejects with an `Error` that says what was not as it should be. */
  play(scene: Scene): Promise<Facts>;
}

/** Throws an `Error` with the problem unless the condition holds. */
export function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}
