/** What every port rejects with when the engine cannot serve now. Callers tell their users `UNAVAILABLE`. */
export class EngineUnavailable extends Error {}

/**
 * A budget of the engine is used up: the disk is full, or too much waits for it. Nothing was done. Callers tell their users
 * `RESOURCE_EXHAUSTED`.
 */
export class EngineExhausted extends EngineUnavailable {}
