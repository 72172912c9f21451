// Arbitrary messages, made from the schema, in the form of the generated types.
import fc from "fast-check";
import protobuf from "protobufjs";
import { type FieldShape, shapeOf } from "./codec-schema.js";

const text = fc.string({ unit: "binary", maxLength: 12 });

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 12 }),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  string: fc.oneof(text, fc.constantFrom("__proto__", "constructor", "\uFEFF", "\u0000")),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint64: fc.maxSafeNat(),
};

const known = new Map<protobuf.Type, fc.Arbitrary<object>>();

/** Any message of a type. The types of the protocol do not contain themselves, so it ends. */
export function arbitraryMessage(type: protobuf.Type): fc.Arbitrary<object> {
  const arbitrary = known.get(type) ?? makeMessage(type);
  known.set(type, arbitrary);
  return arbitrary;
}

function makeMessage(type: protobuf.Type): fc.Arbitrary<object> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  const cases: Record<string, fc.Arbitrary<unknown>[]> = {};
  for (const shape of shapeOf(type)) {
    if (shape.oneof === undefined) fields[shape.name] = arbitraryField(shape);
    else {
      cases[shape.oneof] ??= [fc.constant(undefined)];
      cases[shape.oneof]?.push(fc.record({ $case: fc.constant(shape.name), value: arbitraryValue(shape) }));
    }
  }
  for (const [oneof, choices] of Object.entries(cases)) fields[oneof] = fc.oneof(...choices);
  return fc.record(fields);
}

function arbitraryField(shape: FieldShape): fc.Arbitrary<unknown> {
  if (shape.kind === "map") return arbitraryMap(shape);
  if (shape.kind === "list") return fc.array(arbitraryValue(shape), { maxLength: 3 });
  return shape.presence ? fc.option(arbitraryValue(shape), { nil: undefined }) : arbitraryValue(shape);
}

function arbitraryMap({ message }: FieldShape): fc.Arbitrary<Map<unknown, unknown>> {
  const [key, value] = message === undefined ? [] : shapeOf(message);
  if (key === undefined || value === undefined) throw new Error("a map has no entries");
  return fc.array(fc.tuple(arbitraryValue(key), arbitraryValue(value)), { maxLength: 3 }).map((entries) => new Map(entries));
}

function arbitraryValue({ field, message }: FieldShape): fc.Arbitrary<unknown> {
  if (message !== undefined) return arbitraryMessage(message);
  if (field.resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values(field.resolvedType.values));
  const scalar = scalars[field.type];
  if (scalar === undefined) throw new Error(`there is no arbitrary for ${field.type}; add one`);
  return scalar;
}
