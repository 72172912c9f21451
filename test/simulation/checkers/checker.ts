import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import type { Entry } from "../journal.js";

/** A promise that was broken. */
export interface Violation {
  readonly at: number;
  /** The clients concerned. */
  readonly parties: readonly string[];
  readonly problem: string;
}

/** Watches one guarantee. */
export interface Checker {
  /** Takes what happens, in order. */
  take(entry: Entry): void;
  /** The run is over. */
  end(): void;
}

export type Report = (violation: Violation) => void;

/** Makes a checker that tells `report` of each broken promise. */
export type CheckerFactory = (report: Report) => Checker;

/** True for what hostile clients send: nobody promises them anything. */
export function isHostile(name: string): boolean {
  return name.startsWith("mallory");
}

/** True in the states of a client that has no session, and tries to get none. */
export function isOver(state: ConnectionState): boolean {
  return state === ConnectionState.DISCONNECTED || state === ConnectionState.ABORTED;
}
