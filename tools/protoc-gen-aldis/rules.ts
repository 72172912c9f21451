import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Schema } from "@bufbuild/protoplugin";
import { camelCase, newTable, type Options, shortName } from "./options.js";

const forms = ["text", "userId", "channelId", "attributeKey", "dtmf", "label"];
const sensitivities = ["public", "personal", "secret"];

/** rules.ts: what a receiver checks of each message, and which fields must not be logged. */
export function generateRules(schema: Schema, options: Options): void {
  const file = newTable(schema, "rules", "What a receiver checks of each message, and which fields may be logged.");
  const messages = schema.allFiles
    .filter((f) => f.proto.package.startsWith("aldis.") && !f.proto.package.includes("options"))
    .flatMap((f) => f.messages);
  file.print(`import { ErrorCode } from "../error.js";`);
  file.print(`import type { LimitName } from "./limits.js";`);
  file.print(`
export interface FieldRule {
  /** The name in TypeScript. */
  readonly name: string;
  /** The name in the protocol, as errors give it. */
  readonly protoName: string;
  readonly kind: "text" | "bytes" | "message" | "other";
  readonly shape: "single" | "list" | "map";
  /** The oneof that the field is a case of. */
  readonly oneof?: string;
  /** The type of a message field. */
  readonly message?: string;
  readonly form: "text" | "userId" | "channelId" | "attributeKey" | "dtmf" | "label";
  readonly required: boolean;
  readonly maxBytes?: LimitName;
  readonly maxItems?: LimitName;
  /** "personal" is logged only where the operator asked for it, "secret" never. */
  readonly sensitivity: "public" | "personal" | "secret";
}

export interface MessageRule {
  readonly fields: readonly FieldRule[];
  /** The limit on all texts and bytes of the message together. */
  readonly maxBytes?: LimitName;
  /** The oneofs that must be set. */
  readonly requiredOneofs: readonly string[];
  /** The error of a message that lacks one. */
  readonly error: ErrorCode;
}

/** The rules by the full name of the message. */
export const messageRules: Readonly<Record<string, MessageRule>> = {`);
  for (const message of messages) printMessage(file, options, message);
  file.print(`};`);
}

function printMessage(file: ReturnType<Schema["generateFile"]>, options: Options, message: DescMessage): void {
  const rule = options.read(message, "message");
  const limit = (name: string, key: string) => (name === "" ? "" : `, ${key}: "${camelCase(shortName(options.value(name)))}"`);
  const oneofs = rule.needsOneofs ? message.oneofs.map((oneof) => `"${oneof.localName}"`) : [];
  const error = rule.error === "" ? "INVALID_ARGUMENT" : shortName(options.value(rule.error));
  file.print(`  "${message.typeName}": {`);
  file.print(`    requiredOneofs: [${oneofs.join(", ")}], error: ErrorCode.${error}${limit(rule.maxBytes, "maxBytes")},`);
  file.print(`    fields: [`);
  for (const field of message.fields) {
    const fieldRule = options.read(field, "field");
    const parts = [
      `name: "${field.localName}", protoName: "${field.name}", kind: "${kindOf(field)}", shape: "${shapeOf(field)}"`,
      field.oneof === undefined ? "" : `, oneof: "${field.oneof.localName}"`,
      field.message === undefined ? "" : `, message: "${field.message.typeName}"`,
      `, form: "${forms[fieldRule.form]}", required: ${fieldRule.required}`,
      limit(fieldRule.maxBytes, "maxBytes"),
      limit(fieldRule.maxItems, "maxItems"),
      `, sensitivity: "${sensitivities[fieldRule.sensitivity]}"`,
    ];
    file.print(`      { ${parts.join("")} },`);
  }
  file.print(`    ],`);
  file.print(`  },`);
}

function kindOf(field: DescField): string {
  if (field.message !== undefined) return "message";
  if (field.scalar === 9 || (field.fieldKind === "map" && field.mapKind === "scalar")) return "text";
  return field.scalar === 12 ? "bytes" : "other";
}

function shapeOf(field: DescField): string {
  return field.fieldKind === "list" || field.fieldKind === "map" ? field.fieldKind : "single";
}
