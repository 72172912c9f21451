// One sample of each message of the protocol, and of each case of its oneofs, with every field set. They are made from the
// schema, so a new message, case or error code has a sample at once.
import protobuf from "protobufjs";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { type FieldShape, messageTypes, shapeOf } from "../property/codec-schema.js";

export interface Sample {
  /** The name of the type, and after a dot what the sample is for: a case of a oneof, or an error code. */
  readonly name: string;
  readonly type: protobuf.Type;
  readonly message: object;
}

/** All samples, in the order of the protocol. */
export function makeSamples(): Sample[] {
  return messageTypes.flatMap((type) => [makeSample(type), ...sampleCases(type), ...sampleErrors(type)]);
}

/** A sample without its oneofs, or with one case of one of them. */
function makeSample(type: protobuf.Type, chosen?: FieldShape): Sample {
  const name = chosen === undefined ? type.name : `${type.name}.${chosen.name}`;
  return { name, type, message: fill(type, chosen === undefined ? [] : [chosen.name]) };
}

function sampleCases(type: protobuf.Type): Sample[] {
  const cases = shapeOf(type).filter(({ oneof }) => oneof !== undefined);
  return cases.map((chosen) => makeSample(type, chosen));
}

function sampleErrors(type: protobuf.Type): Sample[] {
  if (type.name !== "ErrorDetail") return [];
  const codes = Object.entries(ErrorCode).map(([name, code]) => ({ name: `ErrorDetail.${name}`, code }));
  return codes.map(({ name, code }) => ({ name, type, message: { ...fill(type, []), code } }));
}

/** A message with all its fields, and those cases of its oneofs that are named. */
function fill(type: protobuf.Type, cases: readonly string[]): object {
  const fields: Record<string, unknown> = {};
  for (const shape of shapeOf(type)) {
    if (shape.oneof === undefined) fields[shape.name] = fillField(shape);
    else if (cases.includes(shape.name)) fields[shape.oneof] = { $case: shape.name, value: fillValue(shape) };
  }
  return fields;
}

function fillField(shape: FieldShape): unknown {
  const value = fillValue(shape);
  if (shape.kind === "list") return [value, value];
  if (shape.kind === "single") return value;
  const { key, value: of } = value as { key: unknown; value: unknown };
  return new Map([[key, of]]);
}

function fillValue({ field, message }: FieldShape): unknown {
  if (message !== undefined) return fill(message, firstCases(message));
  if (field.resolvedType instanceof protobuf.Enum) return Math.max(...Object.values(field.resolvedType.values));
  if (field.type === "string") return `${field.name} ⚓`;
  if (field.type === "bytes") return Uint8Array.from([0, field.id, 255]);
  if (field.type === "bool") return true;
  return field.long ? 2 ** 40 + field.id : 1000 + field.id;
}

/** The first case of each oneof of a type. */
function firstCases(type: protobuf.Type): string[] {
  const shapes = shapeOf(type);
  return shapes
    .filter(({ oneof }, index) => oneof !== undefined && shapes.findIndex((s) => s.oneof === oneof) === index)
    .map(({ name }) => name);
}
