import { clone, create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Schema } from "@bufbuild/protoplugin";
import { newTable } from "./options.js";

/** descriptors.ts: the descriptors of the services and all that they use, for server reflection. */
export function generateDescriptors(schema: Schema): void {
  const file = newTable(schema, "descriptors", "The descriptors of aldis.v1 and all that it imports, for server reflection.");
  const files = schema.allFiles.filter((f) => f.proto.package !== "aldis.node.v1");
  const set = create(FileDescriptorSetSchema, {
    file: files.map((f) => {
      const proto = clone(FileDescriptorProtoSchema, f.proto);
      delete proto.sourceCodeInfo;
      return proto;
    }),
  });
  const text = Buffer.from(toBinary(FileDescriptorSetSchema, set)).toString("base64");
  file.print();
  file.print(`/** A google.protobuf.FileDescriptorSet, in base64. */`);
  file.print(`export const descriptorSet =`);
  for (let at = 0; at < text.length; at += 116) file.print(`  ${at === 0 ? "" : "+ "}"${text.slice(at, at + 116)}"`);
  file.print(`;`);
}
