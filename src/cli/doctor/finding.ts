/** What one look of the doctor came to. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  /** A server cannot do its work with what has "failed"; it can with a "warning". What could not be looked at is "skipped". */
  readonly state: "ok" | "warning" | "failed" | "skipped";
  /** What was found, for people. */
  readonly found: string;
  /** What to do. Undefined where there is nothing to do. */
  readonly advice?: string;
}

/** The makers of findings, which take what was looked at and what was found. */
export const ok = (check: string, found: string): Finding => ({ check, state: "ok", found });
export const skipped = (check: string, found: string): Finding => ({ check, state: "skipped", found });
export const warning = (check: string, found: string, advice: string): Finding => ({ check, state: "warning", found, advice });
export const failed = (check: string, found: string, advice: string): Finding => ({ check, state: "failed", found, advice });
