import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { AldisError, failure } from "../../error.js";
import { byteLength } from "./messages.js";
import { toRtmError } from "./rtm-error.js";

const MOST_BYTES = 8 * 1024;

/** Throws `PAYLOAD_TOO_LARGE` for a content or a response of more than 8 KiB, and `INVALID_ARGUMENT` for what is no text. */
export function checkText(text: unknown): asserts text is string {
  if (typeof text !== "string") throw failure(ErrorCode.INVALID_ARGUMENT, "A content or response is a string.");
  if (byteLength(text) > MOST_BYTES) {
    throw failure(ErrorCode.PAYLOAD_TOO_LARGE, `A content or response has at most ${MOST_BYTES} bytes.`);
  }
}

/** For RTM a call is over when it is answered, so what comes too late after an acceptance comes after the end. */
export function endedOr(thrown: unknown): unknown {
  const isAccepted = thrown instanceof AldisError && thrown.code === ErrorCode.INVITATION_ALREADY_ACCEPT;
  return isAccepted ? failure(ErrorCode.INVITATION_ALREADY_END, thrown.message) : thrown;
}

/** Does a check. What it throws becomes a code of the calls of invitations. */
export function known(check: () => void): void {
  try {
    check();
  } catch (thrown) {
    throw toRtmError("RTM_INVITATION_CALL", thrown);
  }
}
