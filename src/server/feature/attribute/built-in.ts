// The attributes of channels by which the server acts. Their names are those of Agora Signaling, whatever client sets them.
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { type Refusal, refuse } from "../refusal.js";

/** The keys of the built-in attributes. Other keys that begin with "_" are ordinary. */
export const builtIn = {
  memberNotices: "_userNotification",
  emptyAge: "_channel_ttl",
  sends: "_sendmsg_limit",
  writes: "_setattr_limit",
  memberNumber: "_member_num",
  memberNumberPeriod: "_auto_update_num",
  totalNumber: "_total_member_num",
  totalNumberPeriod: "_auto_update_total_num",
} as const;

/** What users may set them to: whole numbers from `min` to `max`. Those that are not here are the server's. */
const ranges: ReadonlyMap<string, { readonly min: number; readonly max: number }> = new Map([
  [builtIn.memberNotices, { min: 0, max: 1 }],
  [builtIn.emptyAge, { min: 0, max: 31_536_000 }],
  [builtIn.sends, { min: 1, max: 10_000 }],
  [builtIn.writes, { min: 1, max: 1_000 }],
  [builtIn.memberNumberPeriod, { min: 0, max: 86_400 }],
  [builtIn.totalNumberPeriod, { min: 0, max: 86_400 }],
]);

const keys: ReadonlySet<string> = new Set(Object.values(builtIn));
const decimal = /^\d{1,9}$/;

/** True if a key is that of a built-in attribute. */
export function isBuiltIn(key: string): boolean {
  return keys.has(key);
}

/** The refusal of values that built-in attributes cannot have. Undefined if there is none among them. */
export function refuseBuiltIns(set: ReadonlyMap<string, string>): Refusal | undefined {
  for (const [key, value] of set) {
    const problem = isBuiltIn(key) ? problemOf(key, value) : undefined;
    if (problem !== undefined) {
      return refuse(ErrorCode.INVALID_ARGUMENT, `the built-in attribute "${key}" ${problem}`, {
        field: `attributes["${key}"]`,
      });
    }
  }
  return undefined;
}

function problemOf(key: string, value: string): string | undefined {
  const range = ranges.get(key);
  if (range === undefined) return "is written by the server only";
  const number = decimal.test(value) ? Number(value) : Number.NaN;
  const fits = number >= range.min && number <= range.max;
  return fits ? undefined : `must be a whole number from ${range.min} to ${range.max}`;
}
