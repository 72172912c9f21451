/**
 * Whether a store can serve: "full" if it refuses what must be stored until there is room again, "failed" if it does so until
 * it is started anew. What needs no store goes on.
 */
export type StoreHealth = "ok" | "full" | "failed";

/**
 * Whether an engine can serve: as its store can, or "unreachable" if it is elsewhere and cannot be reached now, or "deaf" if it takes
 * calls but the node does not hear what others say.
 */
export type EngineHealth = StoreHealth | "unreachable" | "deaf";
