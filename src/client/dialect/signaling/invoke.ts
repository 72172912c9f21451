import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { failure, messageOf } from "../../error.js";
import type { CallOptions } from "../../options.js";
import { codeOf } from "../shared/codes.js";
import { LATEST_MEMBERS, type Operations } from "./operations.js";
import type { Teller } from "./teller.js";

/** The fields of a request. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** Throws `INVALID_ARGUMENT` for what is no JSON object. */
  constructor(json: string) {
    this.#fields = parse(json);
  }

  /** A field that is a text. Throws `INVALID_ARGUMENT` for another one. */
  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value === "string") return value;
    throw failure(ErrorCode.INVALID_ARGUMENT, `The request needs the text "${name}".`, { field: name });
  }

  /** A field that is a whole number of at least 1. Throws `INVALID_ARGUMENT` for another one. */
  count(name: string, otherwise: number): number {
    const value = this.#fields[name] ?? otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
    throw failure(ErrorCode.INVALID_ARGUMENT, `The field "${name}" is a whole number of at least 1.`, { field: name });
  }
}

/** Answers a request with the fields of the response besides `result`. */
type Handler = (operations: Operations, fields: Fields, options: CallOptions) => Promise<object>;

/** The most members that a server lists. */
const { memberListUsers } = defaultLimits;

const handlers = new Map<string, Handler>([
  [
    "io.agora.signal.user_query_user_status",
    async (operations, fields, options) => ({ status: await operations.userStatus(fields.text("account"), options) }),
  ],
  [
    "io.agora.signal.user_set_attr",
    async (operations, fields, options) => {
      await operations.setOwnAttribute(fields.text("name"), fields.text("value"), options);
      return {};
    },
  ],
  [
    "io.agora.signal.user_get_attr",
    async (operations, fields, options) => ({
      value: await operations.userAttribute(fields.text("account"), fields.text("name"), options),
    }),
  ],
  [
    "io.agora.signal.user_get_attr_all",
    async (operations, fields, options) => ({ json: await operations.userAttributes(fields.text("account"), options) }),
  ],
  [
    "io.agora.signal.channel_query_num",
    async (operations, fields, options) => ({ num: await operations.memberCount(fields.text("name"), options) }),
  ],
  [
    "io.agora.signal.channel_query_user_isin",
    async (operations, fields, options) => ({
      isin: await operations.isIn(fields.text("name"), fields.text("account"), options),
    }),
  ],
  ["io.agora.signal.channel_query_userlist", (...asked) => memberList(...asked, LATEST_MEMBERS)],
  [
    "io.agora.signal.channel_query_userlist_all",
    (operations, fields, options) =>
      memberList(operations, fields, options, Math.min(fields.count("num", memberListUsers), memberListUsers)),
  ],
  [
    "io.agora.signal.channel_clear_attr",
    async (operations, fields, options) => {
      await operations.clearChannelAttributes(fields.text("channel"), options);
      return {};
    },
  ],
  [
    "io.agora.signal.channel_del_attr",
    async (operations, fields, options) => {
      await operations.deleteChannelAttribute(fields.text("channel"), fields.text("name"), options);
      return {};
    },
  ],
  [
    "io.agora.signal.channel_set_attr",
    async (operations, fields, options) => {
      const [channel, name, value] = [fields.text("channel"), fields.text("name"), fields.text("value")];
      await operations.setChannelAttribute(channel, name, value, options);
      return {};
    },
  ],
]);

/** Calls an operation by its name, with a request and a response in JSON. */
export function invoke(operations: Operations, teller: Teller, name: string, req: string, callID: string): void {
  void teller.follow(
    async (options) => {
      const handler = handlers.get(name);
      if (handler === undefined) throw failure(ErrorCode.INVALID_ARGUMENT, `There is no operation "${name}".`);
      return await handler(operations, new Fields(req), options);
    },
    {
      done: (fields) => [["onInvokeRet", callID, "", JSON.stringify({ result: "ok", ...fields })]],
      failed: (thrown) => {
        const response = { result: "failed", reason: messageOf(thrown) };
        return [["onInvokeRet", callID, `${codeOf("SIGNALING_GENERAL", thrown)}`, JSON.stringify(response)]];
      },
    },
  );
}

async function memberList(operations: Operations, fields: Fields, options: CallOptions, max: number): Promise<object> {
  const { members, memberCount } = await operations.members(fields.text("name"), max, options);
  return { num: memberCount, list: members.map((account) => [account, 0]) };
}

function parse(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw failure(ErrorCode.INVALID_ARGUMENT, "The request is no JSON.");
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw failure(ErrorCode.INVALID_ARGUMENT, "The request is no JSON object.");
}
