// What may name a user or a channel. Native ids may be longer and have more characters; the old clients would not take them.
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { failure } from "../../error.js";

const identifier = /^[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]{1,64}$/;

/** Throws `INVALID_USER_ID` unless a value can name a user. */
export function checkUserId(id: unknown): asserts id is string {
  if (!isIdentifier(id)) throw failure(ErrorCode.INVALID_USER_ID, `${JSON.stringify(id)} cannot be a user id. ${rule}`);
}

/** Throws `INVALID_CHANNEL_ID` unless a value can name a channel. */
export function checkChannelId(id: unknown): asserts id is string {
  if (!isIdentifier(id)) throw failure(ErrorCode.INVALID_CHANNEL_ID, `${JSON.stringify(id)} cannot be a channel id. ${rule}`);
}

/** Throws `INVALID_ARGUMENT` unless a value is an array. */
export function checkList(list: unknown): asserts list is readonly unknown[] {
  if (!Array.isArray(list)) throw failure(ErrorCode.INVALID_ARGUMENT, "An array is needed.");
}

const rule = 'An id has 1 to 64 letters, digits, spaces or !#$%&()+-:;<=.>?@[]^_{}|~, and is not "null".';

function isIdentifier(id: unknown): id is string {
  return typeof id === "string" && id !== "null" && identifier.test(id);
}
