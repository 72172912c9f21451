import { EngineExhausted, EngineUnavailable } from "../ports/unavailable.js";

/** What becomes of a call that failed. */
export type CallFailure =
  /** Redis has the script no more: load it, and call again. */
  | "no-script"
  /** It was not done, or nobody knows; to ask again may help. */
  | "ask-again"
  /** Redis has no room. */
  | "full"
  /** The call itself is wrong. */
  | "fault";

/** The words with which Redis says that it cannot serve now, as a replica, at its start, during a failover, or on a full disk. */
const passing = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MOVED|ASK|BUSY|MISCONF|UNKILLABLE)\b/;

/** True for what Redis has said itself. Any other error is one of the connection, and nobody knows whether the call was made. */
export function isAnswer(error: Error): boolean {
  return error.name === "ReplyError";
}

/** Judges the error of a call. */
export function judge(error: Error): CallFailure {
  if (!isAnswer(error)) return "ask-again";
  if (error.message.startsWith("NOSCRIPT")) return "no-script";
  if (error.message.startsWith("OOM")) return "full";
  return passing.test(error.message) ? "ask-again" : "fault";
}

/** What callers of the engine get. */
export function portError(failure: CallFailure, error: Error): Error {
  if (failure === "fault") return error;
  if (failure === "full") return new EngineExhausted("Redis has no memory left", { cause: error });
  return new EngineUnavailable(`Redis cannot be reached: ${error.message}`, { cause: error });
}
