/** What a look at a Redis came to. */
export interface RedisFinding {
  /** Aldis must not run on what is "failed". A "warning" it can live with. */
  readonly state: "ok" | "warning" | "failed";
  /** What was found, for people. */
  readonly found: string;
  /** What to do. Empty where there is nothing to do. */
  readonly advice: string;
}

export const ok = (found: string): RedisFinding => ({ state: "ok", found, advice: "" });
export const warning = (found: string, advice: string): RedisFinding => ({ state: "warning", found, advice });
export const failed = (found: string, advice: string): RedisFinding => ({ state: "failed", found, advice });
