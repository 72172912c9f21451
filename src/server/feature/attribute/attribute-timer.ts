import type { AttributeTimer } from "../../engine/ports/attribute-store.js";

/** How long a set that is needed is left alone, in milliseconds: so much later it ends if its node dies. */
const lookAgainMs = 60_000;

/** The timer of a set that somebody needs, and that ends when nobody does any more. */
export function neededTimer(nowMs: number): AttributeTimer {
  return { dueAtMs: nowMs + lookAgainMs, idle: false };
}

/** The timer of a set that nobody needs, and that ends after `ageMs` milliseconds unless somebody does then. */
export function idleTimer(nowMs: number, ageMs: number): AttributeTimer {
  return { dueAtMs: nowMs + ageMs, idle: true };
}
