// What the old system did not take though the server would.
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { type AldisError, failure } from "../../error.js";

const ACCOUNT_BYTES = 128;
const MESSAGE_BYTES = 8_192;
const VALUE_BYTES = 8_096;
const EXTRA_BYTES = 8_192;

/** Visible characters only, so no space. */
const visible = /^[^\p{C}\p{Z}]+$/u;
const digits = /^[0-9*#]+$/;

/** Throws `INVALID_USER_ID` for what cannot be an account. */
export function checkAccount(account: string): void {
  if (!visible.test(account) || bytesOf(account) > ACCOUNT_BYTES) {
    throw failure(ErrorCode.INVALID_USER_ID, `An account has 1 to ${ACCOUNT_BYTES} bytes of visible characters, and no space.`);
  }
}

/** Throws `INVALID_MESSAGE` for what is no text, `PAYLOAD_TOO_LARGE` for one that is too long. */
export function checkMessage(message: string): void {
  if (typeof message !== "string") throw failure(ErrorCode.INVALID_MESSAGE, "A message is a text.");
  if (bytesOf(message) > MESSAGE_BYTES) throw tooLarge("A message", MESSAGE_BYTES);
}

/** Throws `PAYLOAD_TOO_LARGE` for a value that is too long. */
export function checkValue(value: string): void {
  if (bytesOf(value) > VALUE_BYTES) throw tooLarge("The value of an attribute", VALUE_BYTES);
}

/** Throws `PAYLOAD_TOO_LARGE` for an `extra` that is too long. */
export function checkExtra(extra: string): void {
  if (bytesOf(extra) > EXTRA_BYTES) throw tooLarge("The extra of a call", EXTRA_BYTES);
}

/** Throws `INVALID_ARGUMENT` for what are no telephone digits. */
export function checkDigits(dtmf: string): void {
  if (!digits.test(dtmf)) throw failure(ErrorCode.INVALID_ARGUMENT, "Digits are 0 to 9, * and #.");
}

function tooLarge(what: string, bytes: number): AldisError {
  return failure(ErrorCode.PAYLOAD_TOO_LARGE, `${what} has at most ${bytes} bytes.`);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
