import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { type DialectTable, dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import { AldisError } from "../../error.js";

/** The number that a failure has in a table of a dialect. */
export function codeOf(table: DialectTable, thrown: unknown): number {
  return dialectCode(table, "ErrorCode", thrown instanceof AldisError ? thrown.code : ErrorCode.INTERNAL);
}
