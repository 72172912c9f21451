// What a goodbye of the server means for the connection.
import { ConnectionReason, GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Goodbye } from "../../../gen/aldis/v1/session.js";
import { type ComeBack, goodbyeTable } from "../../../gen/aldis/v1/tables/errors.js";
import { AldisError, failure } from "../error.js";

/** What a `Goodbye` says. */
export interface Farewell {
  readonly reason: GoodbyeReason;
  /** The shortest wait before the next try, in milliseconds. 0 for the client's own back-off. */
  readonly retryAfterMs: number;
  readonly error: AldisError;
}

/** What the server says, with an error of the client's own if it gives none. */
export function toFarewell(goodbye: Goodbye): Farewell {
  const error = goodbye.error === undefined ? goodbyeError(goodbye.reason) : new AldisError(goodbye.error);
  return { reason: goodbye.reason, retryAfterMs: Math.max(goodbye.retryAfterMs, error.retryAfterMs), error };
}

/** Whether to come back. A reason that this client does not know lets it come back later. */
export function comeBackOf(reason: GoodbyeReason): ComeBack {
  return reason in goodbyeTable ? goodbyeTable[reason].comeBack : "later";
}

const reasonsOfEnd = new Map<GoodbyeReason, ConnectionReason>([
  [GoodbyeReason.LOGOUT, ConnectionReason.LOGOUT],
  [GoodbyeReason.REMOTE_LOGIN, ConnectionReason.REMOTE_LOGIN],
  [GoodbyeReason.KICKED_BY_SERVER, ConnectionReason.BANNED_BY_SERVER],
  [GoodbyeReason.BANNED_BY_SERVER, ConnectionReason.BANNED_BY_SERVER],
  [GoodbyeReason.TOKEN_EXPIRED, ConnectionReason.TOKEN_EXPIRED],
]);

/** What the application is told when a session ends for good. */
export function reasonOfEnd(reason: GoodbyeReason): ConnectionReason {
  return reasonsOfEnd.get(reason) ?? ConnectionReason.LOGIN_FAILURE;
}

const codes = new Map<GoodbyeReason, ErrorCode>([
  [GoodbyeReason.BANNED_BY_SERVER, ErrorCode.USER_BANNED],
  [GoodbyeReason.TOKEN_EXPIRED, ErrorCode.TOKEN_EXPIRED],
]);

function goodbyeError(reason: GoodbyeReason): AldisError {
  const mayComeBack = comeBackOf(reason) !== "never";
  const code = codes.get(reason) ?? (mayComeBack ? ErrorCode.UNAVAILABLE : ErrorCode.REJECTED_BY_SERVER);
  return failure(code, `The server ended the connection: ${goodbyeTable[reason]?.name ?? reason}.`);
}
