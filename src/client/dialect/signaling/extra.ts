import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { InvitationEndReason } from "../../../../gen/aldis/v1/invitation.js";
import { type AldisError, failure } from "../../error.js";
import { checkExtra } from "./checks.js";

/** How long a callee may be offline if `extra` does not say that it must be online, in milliseconds. */
const OFFLINE_MS = 20_000;
/** The longest `_timeout`, which is also the default, in seconds. */
const LONGEST_TIMEOUT_S = 30;

/** How long a call waits for its callee, as its `extra` asks for it. */
export interface Patience {
  readonly offlineTimeoutMs: number;
  readonly receiveTimeoutMs: number;
  /** What it means that the callee was offline for `offlineTimeoutMs`: the shorter of two times, which tells the reason. */
  readonly offlineReason: InvitationEndReason;
}

/**
 * Reads `_require_peer_online` and `_timeout`; all other fields are the application's. Throws `INVALID_ARGUMENT` for what is
 * neither "" nor a JSON object, or for a field that is out of range, and `PAYLOAD_TOO_LARGE` for more than 8 KiB.
 */
export function readExtra(extra: string): Patience {
  checkExtra(extra);
  const { _require_peer_online: mustBeOnline = 0, _timeout: timeout = LONGEST_TIMEOUT_S } = parse(extra);
  if (mustBeOnline !== 0 && mustBeOnline !== 1) throw wrong("_require_peer_online is 0 or 1.");
  if (typeof timeout !== "number" || !(timeout >= 0 && timeout <= LONGEST_TIMEOUT_S)) {
    throw wrong(`_timeout is a number of seconds from 0 to ${LONGEST_TIMEOUT_S}.`);
  }
  const receiveTimeoutMs = Math.round(timeout * 1000);
  if (mustBeOnline === 1) {
    return { offlineTimeoutMs: 0, receiveTimeoutMs, offlineReason: InvitationEndReason.PEER_OFFLINE };
  }
  if (receiveTimeoutMs < OFFLINE_MS) {
    // 0 would mean that the callee must be online.
    return {
      offlineTimeoutMs: Math.max(receiveTimeoutMs, 1),
      receiveTimeoutMs,
      offlineReason: InvitationEndReason.PEER_NO_RESPONSE,
    };
  }
  return { offlineTimeoutMs: OFFLINE_MS, receiveTimeoutMs, offlineReason: InvitationEndReason.PEER_OFFLINE };
}

/** An `extra` with the number to be shown on the telephone called. Throws as `readExtra` does. */
export function withSourceNumber(extra: string, srcNum: string): string {
  return JSON.stringify({ ...parse(extra), srcNum });
}

function parse(extra: string): Readonly<Record<string, unknown>> {
  if (extra === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(extra);
  } catch {
    throw wrong('The extra of a call is "" or JSON.');
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong('The extra of a call is "" or a JSON object.');
}

function wrong(message: string): AldisError {
  return failure(ErrorCode.INVALID_ARGUMENT, message);
}
