/** What is wrong with a machine whose process lives: it cannot reach the engine, nobody can, or its process stands still. */
export const troubles = ["cut", "away", "paused"] as const;
export type Trouble = (typeof troubles)[number];
