import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { LimitName, Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { type FieldRule, messageRules } from "../../../gen/aldis/v1/tables/rules.js";
import { type Refusal, refuse, refuseOver } from "../feature/refusal.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks a decoded message of a type against the rules that the protocol declares for it, and those inside it. Gives the
 * refusal of the first fault, with the path of the field; undefined if there is none.
 */
export function validate(type: string, message: object, limits: Limits, path = ""): Refusal | undefined {
  const rule = messageRules[type];
  if (rule === undefined) return undefined;
  const fields = message as Fields;
  for (const oneof of rule.requiredOneofs) {
    if (fields[oneof] === undefined)
      return refuse(rule.error, `${path || "the request"} has no ${oneof}`, { field: `${path}${oneof}` });
  }
  for (const field of rule.fields) {
    const refusal = validateField(field, fieldValue(fields, field), limits, path + field.protoName);
    if (refusal !== undefined) return refusal;
  }
  if (rule.maxBytes === undefined || totalBytes(rule.fields, fields) <= limits[rule.maxBytes]) return undefined;
  const field = path.replace(/\.$/, "");
  return refuseOver(ErrorCode.PAYLOAD_TOO_LARGE, limits, rule.maxBytes, `${field || "the request"} is too large`, { field });
}

function fieldValue(fields: Fields, { name, oneof }: FieldRule): unknown {
  if (oneof === undefined) return fields[name];
  const chosen = fields[oneof] as { $case: string; value: unknown } | undefined;
  return chosen?.$case === name ? chosen.value : undefined;
}

function validateField(rule: FieldRule, value: unknown, limits: Limits, path: string): Refusal | undefined {
  if (rule.shape === "single") return validateItem(rule, value, limits, path);
  const items = rule.shape === "list" ? (value as unknown[]) : [...(value as Map<string, unknown>)];
  if (rule.required && items.length === 0) return refuse(ErrorCode.INVALID_ARGUMENT, `${path} is empty`, { field: path });
  if (rule.maxItems !== undefined && items.length > limits[rule.maxItems]) {
    return refuseOver(ErrorCode.TOO_MANY_ITEMS, limits, rule.maxItems, `${path} has too many elements`, { field: path });
  }
  for (const [i, item] of items.entries()) {
    const refusal =
      rule.shape === "list"
        ? validateItem(rule, item, limits, `${path}[${i}]`)
        : validateAttribute(rule, item as [string, string], limits, path);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The maps of requests hold attributes: values by key. */
function validateAttribute(rule: FieldRule, [key, value]: [string, string], limits: Limits, path: string): Refusal | undefined {
  const field = `${path}[${JSON.stringify(key)}]`;
  if (key === "") return refuse(ErrorCode.INVALID_ARGUMENT, `${path} has an empty key`, { field: path });
  const refusal = validateText({ ...rule, maxBytes: "attributeKeyBytes" }, key, limits, path);
  if (refusal !== undefined) return refusal;
  if (value === "")
    return refuse(ErrorCode.INVALID_ARGUMENT, `the value of ${field} is empty; delete the key instead`, { field });
  return refuseLong({ ...rule, form: "text" }, "attributeValueBytes", Buffer.byteLength(value), limits, field);
}

function validateItem(rule: FieldRule, value: unknown, limits: Limits, path: string): Refusal | undefined {
  const missing = value === undefined || value === "";
  if (missing) return rule.required ? refuse(codeOf(rule), `${path} is empty`, { field: path }) : undefined;
  if (rule.message !== undefined) return validate(rule.message, value as object, limits, `${path}.`);
  if (typeof value === "string") return validateText(rule, value, limits, path);
  if (value instanceof Uint8Array) return refuseLong(rule, rule.maxBytes, value.length, limits, path);
  return undefined;
}

function validateText(rule: FieldRule, text: string, limits: Limits, path: string): Refusal | undefined {
  // A text has at most three bytes for each UTF-16 unit, so most need not be counted.
  const limit = rule.maxBytes;
  const long =
    limit !== undefined && text.length * 3 > limits[limit]
      ? refuseLong(rule, limit, Buffer.byteLength(text), limits, path)
      : undefined;
  if (long !== undefined) return long;
  const fault = faultOf(rule.form, text);
  return fault === undefined ? undefined : refuse(codeOf(rule), `${path} ${fault}`, { field: path });
}

function refuseLong(
  rule: FieldRule,
  limit: LimitName | undefined,
  bytes: number,
  limits: Limits,
  path: string,
): Refusal | undefined {
  if (limit === undefined || bytes <= limits[limit]) return undefined;
  const code = rule.form === "text" ? ErrorCode.PAYLOAD_TOO_LARGE : codeOf(rule);
  return refuseOver(code, limits, limit, `${path} is too long`, { field: path });
}

const plainAscii = /^[\x20-\x7e]*$/;
// Controls, invisible format characters, surrogates, private and unassigned code points, line and paragraph separators.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;
const dtmf = /^[0-9*#]*$/;

function faultOf(form: FieldRule["form"], text: string): string | undefined {
  switch (form) {
    case "text":
      return undefined;
    case "dtmf":
      return dtmf.test(text) ? undefined : "has a character that is no digit, * or #";
    case "userId":
    case "channelId":
    case "attributeKey":
    case "label":
      if (plainAscii.test(text)) return undefined;
      if (unprintable.test(text)) return "has a control character or another character that cannot be printed";
      return text.normalize("NFC") === text ? undefined : "is not in Unicode's normal form C";
  }
}

function codeOf({ form, message }: FieldRule): ErrorCode {
  if (message !== undefined) return messageRules[message]?.error ?? ErrorCode.INVALID_ARGUMENT;
  if (form === "userId") return ErrorCode.INVALID_USER_ID;
  return form === "channelId" ? ErrorCode.INVALID_CHANNEL_ID : ErrorCode.INVALID_ARGUMENT;
}

function totalBytes(rules: readonly FieldRule[], fields: Fields): number {
  let total = 0;
  for (const rule of rules) {
    const value = fieldValue(fields, rule);
    if (typeof value === "string") total += Buffer.byteLength(value);
    else if (value instanceof Uint8Array) total += value.length;
  }
  return total;
}
