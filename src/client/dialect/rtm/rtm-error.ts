import type { DialectTable } from "../../../../gen/aldis/v1/tables/dialects.js";
import { messageOf } from "../../error.js";
import { codeOf } from "../shared/codes.js";

/** Why a call failed. `code` is a number of the enum that belongs to the operation, for example `JoinChannelError`. */
export class RtmError extends Error {
  override readonly name = "RtmError";
  readonly code: number;

  constructor(code: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What an application gets for a failure of the client. */
export function toRtmError(table: DialectTable, thrown: unknown): RtmError {
  return new RtmError(codeOf(table, thrown), messageOf(thrown), thrown);
}
