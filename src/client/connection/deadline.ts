import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { type AldisError, failure } from "../error.js";
import type { Clock } from "../runtime.js";

/** What ends a wait from outside. */
export interface WaitOptions {
  /** In milliseconds. Absent for no end. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Watches the time and the signal of one wait. Calls `onEnd` at most once, with `TIMEOUT` or `CANCELED`, never from inside
 * this function. Returns what ends the watch.
 */
export function watchDeadline(
  clock: Clock,
  { timeoutMs, signal }: WaitOptions,
  onEnd: (error: AldisError) => void,
): () => void {
  const stop = (): void => {
    timer?.cancel();
    signal?.removeEventListener("abort", onAbort);
  };
  const finish = (error: AldisError): void => {
    stop();
    onEnd(error);
  };
  const onAbort = (): void => finish(canceled());
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.after(timeoutMs, () => finish(failure(ErrorCode.TIMEOUT, "No answer in time.")));
  signal?.addEventListener("abort", onAbort);
  return stop;
}

/** The error of a wait whose signal was raised. */
export function canceled(): AldisError {
  return failure(ErrorCode.CANCELED, "The application gave up waiting.");
}
