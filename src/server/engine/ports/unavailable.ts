/** What every port rejects with when the engine cannot serve now. Callers tell their users `UNAVAILABLE`. */
export class EngineUnavailable extends Error {}
