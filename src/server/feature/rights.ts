import type { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { matchesPattern } from "./pattern.js";
import { type Refusal, refuse } from "./refusal.js";

/** The refusal of a join that the token does not allow. Undefined if it does. */
export function refuseToJoin(rights: TokenRights, channel: string): Refusal | undefined {
  return matches(rights.join, channel, true) ? undefined : refuseRight(`joining channel "${channel}"`);
}

/** The refusal of a message to a channel that the token does not allow. Undefined if it does. */
export function refuseToSend(rights: TokenRights, channel: string, fromOutside: boolean): Refusal | undefined {
  const may = fromOutside ? matches(rights.sendFromOutside, channel, false) : matches(rights.send, channel, true);
  if (rights.readOnly || !may) return refuseRight(`sending to channel "${channel}"${fromOutside ? " from outside" : ""}`);
  return undefined;
}

/** The refusal of anything that a token for reading only does not allow. Undefined if the token allows writing. */
export function refuseToWrite(rights: TokenRights): Refusal | undefined {
  return rights.readOnly ? refuseRight("sending") : undefined;
}

function refuseRight(what: string): Refusal {
  return refuse(ErrorCode.NOT_AUTHORIZED, `the token does not allow ${what}; get one that does`);
}

/** True if a pattern matches the whole id; `*` stands for any run of characters. No pattern at all means `whenEmpty`. */
function matches(patterns: readonly string[], id: string, whenEmpty: boolean): boolean {
  return patterns.length === 0 ? whenEmpty : patterns.some((pattern) => matchesPattern(pattern, id));
}
