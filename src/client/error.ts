import { ErrorCode, ErrorDetail } from "../../gen/aldis/v1/error.js";
import { errorTable } from "../../gen/aldis/v1/tables/errors.js";

/** Why a call, a login or a link failed. Programs look at `code`; the message is for people and may change. */
export class AldisError extends Error {
  /** The code. One that this client does not know is `INTERNAL`. */
  readonly code: ErrorCode;
  /** The name of the code in the protocol, for example "RATE_LIMITED". */
  readonly codeName: string;
  /** True if the same call may succeed later. */
  readonly retryable: boolean;
  /** The path of the field at fault, for example "payload.text". Empty if no single field is at fault. */
  readonly field: string;
  /** The name of the limit that was passed, for example "LIMIT_MESSAGE_BYTES". Empty if none was. */
  readonly limit: string;
  /** The value of that limit. 0 if `limit` is empty. */
  readonly limitValue: number;
  /** Milliseconds after which the same call may succeed. 0 if nobody can say. */
  readonly retryAfterMs: number;
  /** The present revision after `REVISION_CONFLICT`. 0 otherwise. */
  readonly currentRevision: number;
  /** The number of the `InvitationState` in which an invitation was found by a call that came too late. 0 otherwise. */
  readonly invitationState: number;

  constructor(detail: ErrorDetail) {
    super(detail.message);
    this.name = "AldisError";
    this.code = knownCode(detail.code);
    this.codeName = errorTable[this.code].name;
    this.retryable = errorTable[this.code].retryable;
    this.field = detail.field;
    this.limit = detail.limit;
    this.limitValue = detail.limitValue;
    this.retryAfterMs = detail.retryAfterMs;
    this.currentRevision = detail.currentRevision;
    this.invitationState = detail.invitationState;
  }
}

/** An `AldisError` that the client makes itself. */
export function failure(code: ErrorCode, message: string, more: Partial<ErrorDetail> = {}): AldisError {
  return new AldisError(ErrorDetail.create({ ...more, code, message }));
}

/** What was thrown, as a sentence for people. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const unknownOutcomes: ReadonlySet<ErrorCode> = new Set([ErrorCode.TIMEOUT, ErrorCode.CANCELED, ErrorCode.NOT_CONNECTED]);

/** True if what a call failed with leaves open whether it has taken effect. */
export function outcomeIsUnknown(thrown: unknown): boolean {
  return thrown instanceof AldisError && unknownOutcomes.has(thrown.code);
}

function knownCode(code: number): ErrorCode {
  return code in errorTable ? (code as ErrorCode) : ErrorCode.INTERNAL;
}
