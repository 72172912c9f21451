/** Where a case tells how it goes. */
export interface Report {
  /** Says what is being done, for whoever waits. */
  progress(text: string): void;
  /** Gives figures: an object of names and values, one for each system and run. */
  row(row: object): void;
}

/** What a case found in the end. */
export interface Outcome {
  /** The figures of all runs in one line for each thing that was measured. Absent if the rows say it all. */
  readonly summary?: readonly object[];
  /** True if something was lost, came twice or out of order, or failed: then the figures do not count. */
  readonly failed: boolean;
}
