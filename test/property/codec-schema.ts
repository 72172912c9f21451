// The protocol twice: as protobufjs reads it from the descriptors, and as ts-proto generated it.
import { readdir } from "node:fs/promises";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";
import { descriptorSet } from "../../gen/aldis/v1/tables/descriptors.js";

/** What a generated codec can do, for any message. */
export interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  create(base?: object): unknown;
  fromPartial(object: object): unknown;
}

const descriptors = descriptor.FileDescriptorSet.decode(Buffer.from(descriptorSet, "base64"));
// The extension adds fromDescriptor to Root, and types it as if it were not static.
const { fromDescriptor } = protobuf.Root as unknown as { fromDescriptor(set: protobuf.Message): protobuf.Root };
const root = fromDescriptor(descriptors).resolveAll();

/** The message types of aldis.v1, in the order of the protocol. */
export const messageTypes: readonly protobuf.Type[] = (root.lookup("aldis.v1") as protobuf.Namespace).nestedArray.filter(
  (nested) => nested instanceof protobuf.Type,
);

const generated = new URL("../../gen/aldis/v1/", import.meta.url);
const codecs = new Map<string, Codec>();
for (const file of (await readdir(generated)).filter((name) => name.endsWith(".ts"))) {
  const module: object = await import(new URL(file, generated).href);
  for (const [name, codec] of Object.entries(module)) codecs.set(name, codec);
}

/** The generated codec of a message type. */
export function codecOf(type: protobuf.Type): Codec {
  const codec = codecs.get(type.name);
  if (codec === undefined) throw new Error(`gen/ has no codec for ${type.name}`);
  return codec;
}

/** How a field appears in a generated message. */
export interface FieldShape {
  /** The name of the field in TypeScript. */
  readonly name: string;
  readonly field: protobuf.Field;
  readonly kind: "single" | "list" | "map";
  /** The oneof that the field is a case of, by its name in TypeScript. */
  readonly oneof: string | undefined;
  /** The type of a message field; of a map, that of its entries. */
  readonly message: protobuf.Type | undefined;
  /** True if the field can be absent. */
  readonly presence: boolean;
}

/** The fields of a message type. */
export function shapeOf(type: protobuf.Type): FieldShape[] {
  return type.fieldsArray.map((field) => {
    const message = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
    // The only messages inside a message are the entries of its maps.
    const isMap = message?.parent === type;
    // An optional field is the only case of a oneof that the compiler made for it.
    const oneof = field.partOf?.name.startsWith("_") === false ? field.partOf.name : undefined;
    return {
      name: protobuf.util.camelCase(field.name),
      field,
      kind: isMap ? "map" : field.repeated ? "list" : "single",
      oneof: oneof === undefined ? undefined : protobuf.util.camelCase(oneof),
      message,
      presence: message !== undefined || field.partOf !== null,
    };
  });
}
