/** What every port rejects with when the engine cannot serve now. Callers tell their users `UNAVAILABLE`. */
export class EngineUnavailable extends Error {}

/**
 * A budget of the engine is used up: the disk is full, or too much waits for it. Nothing was done. Callers tell their users
 * `RESOURCE_EXHAUSTED`.
 */
export class EngineExhausted extends EngineUnavailable {}

/** True if the engine is away, so that nobody knows whether anything was done. The same may be asked for again. */
export function isPassing(failure: unknown): boolean {
  return failure instanceof EngineUnavailable && !(failure instanceof EngineExhausted);
}
