/**
 * The outcomes of this node's requests by an id of the client's, so that a retry counts once. What another node is asked again is
 * caught where it ends: in the log, in the inbox, at the receiver.
 */
export interface RetryMemory {
  /**
   * Runs a task unless one with the same key ran within `retryMemoryMs` or is running; then gives the outcome of that one. Everybody who
   * waits for a task gets its outcome, or what it threw; it is forgotten if it threw, or if its outcome is not final (default: all are).
   * The time counts from the end of the task. Under great load outcomes may be forgotten early, the oldest first.
   */
  once<T>(key: string, task: () => Promise<T>, isFinal?: (outcome: T) => boolean): Promise<T>;
}
