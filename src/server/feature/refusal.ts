import { ErrorCode, ErrorDetail } from "../../../gen/aldis/v1/error.js";
import { type LimitName, type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import { EngineExhausted, EngineUnavailable } from "../engine/ports/unavailable.js";

/** How long to wait before a call is tried again that the server could not do, in milliseconds. */
const unavailableRetryMs = 1000;

/** The answer to a call that fails: a value like any other, so that nothing has to be thrown for bad input. */
export class Refusal {
  constructor(readonly detail: ErrorDetail) {}
}

/** A refusal with a code and a sentence for people, which says what to do where something can be done. */
export function refuse(code: ErrorCode, message: string, more: Partial<ErrorDetail> = {}): Refusal {
  return new Refusal(ErrorDetail.create({ ...more, code, message }));
}

/** A refusal because a limit was passed. The message is completed with the limit's value. */
export function refuseOver(
  code: ErrorCode,
  limits: Limits,
  limit: LimitName,
  message: string,
  more: Partial<ErrorDetail> = {},
): Refusal {
  const rule = limitTable[limit];
  const per = rule.windowMs > 0 ? ` in ${rule.windowMs} ms` : "";
  return refuse(code, `${message}: at most ${limits[limit]} ${rule.unit}${per}`, {
    ...more,
    limit: rule.name,
    limitValue: limits[limit],
  });
}

/** The refusal of a call that failed. It says nothing of the server's inside; the cause is logged where it is made. */
export function refuseFailed(failure: unknown): Refusal {
  if (failure instanceof EngineExhausted) {
    return refuse(ErrorCode.RESOURCE_EXHAUSTED, "the server has no room to store this now; try again later");
  }
  if (failure instanceof EngineUnavailable) {
    const message = "the server cannot do this now; try again later";
    return refuse(ErrorCode.UNAVAILABLE, message, { retryAfterMs: unavailableRetryMs });
  }
  return refuse(ErrorCode.INTERNAL, "the server failed; its operator finds the cause in its log");
}
