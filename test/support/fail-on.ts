/** Hears of a failure that a test does not expect, and fails it: as an error that nobody catches, wherever it comes from. */
export function failOn(failure: unknown): void {
  queueMicrotask(() => {
    throw failure;
  });
}
