/**
 * Whether an engine can serve: "full" if it refuses what must be stored until there is room again, "failed" if it does so until
 * it is started anew. What needs no store goes on.
 */
export type EngineHealth = "ok" | "full" | "failed";
