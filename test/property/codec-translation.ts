// Messages of the generated types as messages of protobufjs, and back.
import type protobuf from "protobufjs";
import { type FieldShape, shapeOf } from "./codec-schema.js";

type Fields = Record<string, unknown>;
type Case = { readonly $case: string; readonly value: unknown };

/** What `Type.encode` of protobufjs takes for a message of the generated types. */
export function toProtobufjs(type: protobuf.Type, message: object): protobuf.Message {
  const fields: Fields = {};
  for (const shape of shapeOf(type)) {
    const value = read(shape, message as Fields);
    if (value !== undefined) fields[shape.field.name] = value;
  }
  return type.create(fields);
}

function read(shape: FieldShape, message: Fields): unknown {
  const { message: inner, kind, name, oneof } = shape;
  const translate = (value: unknown) => (inner === undefined ? value : toProtobufjs(inner, value as object));
  if (oneof !== undefined) {
    const chosen = message[oneof] as Case | undefined;
    return chosen?.$case === name ? translate(chosen.value) : undefined;
  }
  const value = message[name];
  if (value === undefined) return undefined;
  if (kind === "list") return (value as unknown[]).map(translate);
  if (kind === "map") return [...(value as Map<unknown, unknown>)].map(([key, of]) => translate({ key, value: of }));
  return translate(value);
}

/** A message of protobufjs as the generated types have it. */
export function fromProtobufjs(type: protobuf.Type, message: protobuf.Message): object {
  const fields: Fields = {};
  for (const shape of shapeOf(type)) {
    if (shape.oneof === undefined) fields[shape.name] = readBack(shape, message);
    else if (Object.hasOwn(message, shape.field.name)) {
      fields[shape.oneof] = {
        $case: shape.name,
        value: translateBack(shape, (message as unknown as Fields)[shape.field.name]),
      };
    }
  }
  return fields;
}

function readBack(shape: FieldShape, message: protobuf.Message): unknown {
  const value = (message as unknown as Fields)[shape.field.name];
  if (shape.kind === "list") return (value as unknown[]).map((item) => translateBack(shape, item));
  if (shape.kind === "map") {
    const entries = (value as unknown[]).map((item) => translateBack(shape, item) as { key: unknown; value: unknown });
    return new Map(entries.map(({ key, value: of }) => [key, of]));
  }
  return shape.presence && !Object.hasOwn(message, shape.field.name) ? undefined : translateBack(shape, value);
}

function translateBack({ message, field }: FieldShape, value: unknown): unknown {
  if (message !== undefined) return fromProtobufjs(message, value as protobuf.Message);
  if (field.long) return Number(value);
  return field.bytes ? new Uint8Array(value as Uint8Array) : value;
}
