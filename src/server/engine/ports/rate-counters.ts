/** Rates that are counted over all nodes. Windows slide and are exact at their edges; the time is the counter's own. */
export interface RateCounters {
  /**
   * Counts one event if the window has room for it. Gives 0 if it was counted, else the milliseconds after which there will be
   * room; then nothing was counted. A limit below 1 never has room and gives `windowMs`, Infinity always has. A key counts
   * apart for each length of window; its limit may change from call to call.
   */
  take(key: string, limit: number, windowMs: number): Promise<number>;
}
