import type { DescMethod } from "@bufbuild/protobuf";
import type { GeneratedFile, Schema } from "@bufbuild/protoplugin";
import { importsOf, methodsOf } from "./operations.js";
import { newTable } from "./options.js";

/** admin-operations.ts: every method of AdminService. */
export function generateAdminOperations(schema: Schema): void {
  const methods = methodsOf(schema, "aldis.v1.AdminService");
  const file = newTable(
    schema,
    "admin-operations",
    "Every method of AdminService: those with one answer, and those that stream.",
  );
  for (const [source, names] of importsOf(methods)) {
    const codecs = [...new Set(names)].sort().join(", ");
    file.print(`import { ${codecs} } from "${source}";`);
  }
  file.print(`import type { MessageFns } from "../stream.js";`);
  file.print(`
export interface AdminOperationRule<Request, Response> {
  /** The name of the method, for example "KickUser". */
  readonly name: string;
  readonly path: string;
  readonly requestType: string;
  readonly request: MessageFns<Request>;
  readonly response: MessageFns<Response>;
}
`);
  const [unary, streaming] = ["unary", "server_streaming"].map((kind) => methods.filter((m) => m.methodKind === kind));
  printTable(file, "AdminOperation", "the request and the response of each method with one answer", unary ?? []);
  printTable(file, "AdminStream", "the request of each method that streams, and what it streams", streaming ?? []);
}

/** Prints the interface of the types, the type of the names, and the table. */
function printTable(file: GeneratedFile, name: string, about: string, methods: readonly DescMethod[]): void {
  const types = `${name}s`;
  const table = `${types[0]?.toLowerCase()}${types.slice(1)}`;
  file.print(`/** ${about[0]?.toUpperCase()}${about.slice(1)}. */`);
  file.print(`export interface ${types} {`);
  for (const { localName, input, output } of methods) {
    file.print(`  ${localName}: { request: ${input.name}; response: ${output.name} };`);
  }
  file.print(`}`);
  file.print();
  file.print(`export type ${name}Name = keyof ${types};`);
  file.print();
  file.print(
    `export const ${table}: { readonly [K in ${name}Name]: AdminOperationRule<${types}[K]["request"], ${types}[K]["response"]> } = {`,
  );
  for (const method of methods) {
    const path = `/${method.parent.typeName}/${method.name}`;
    file.print(
      `  ${method.localName}: { name: "${method.name}", path: "${path}", requestType: "${method.input.typeName}", ` +
        `request: ${method.input.name}, response: ${method.output.name} },`,
    );
  }
  file.print(`};`);
  file.print();
}
