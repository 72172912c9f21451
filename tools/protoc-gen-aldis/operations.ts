import type { DescMessage, DescMethod, DescOneof } from "@bufbuild/protobuf";
import type { Schema } from "@bufbuild/protoplugin";
import { camelCase, newTable, type Options, shortName } from "./options.js";

/** operations.ts: every unary operation of RealtimeService, once for both doors. */
export function generateOperations(schema: Schema, options: Options): void {
  const methods = methodsOf(schema, "aldis.v1.RealtimeService").filter((method) => method.methodKind === "unary");
  checkDoors(schema, methods);

  const file = newTable(
    schema,
    "operations",
    "Every operation of RealtimeService: the same list for the stream and for unary calls.",
  );
  for (const [source, names] of importsOf(methods)) file.print(`import { ${names.sort().join(", ")} } from "${source}";`);
  file.print(`import type { MessageFns } from "../stream.js";`);
  file.print(`import type { LimitName } from "./limits.js";`);
  file.print();
  file.print(`/** The request and the response of each operation, by the name of its \`Call\` case. */`);
  file.print(`export interface Operations {`);
  for (const method of methods)
    file.print(`  ${method.localName}: { request: ${method.input.name}; response: ${method.output.name} };`);
  file.print(`}`);
  file.print(`
export type OperationName = keyof Operations;

export interface OperationRule<Request, Response> {
  /** The name of the method, for example "JoinChannel". */
  readonly name: string;
  /** The path of the unary method. */
  readonly path: string;
  readonly requestType: string;
  readonly request: MessageFns<Request>;
  readonly response: MessageFns<Response>;
  /** True if the operation belongs to a live session. */
  readonly needsSession: boolean;
  /** True if it may be sent again when its answer was lost together with its session. */
  readonly repeatable: boolean;
  /** The rates that one call counts against. */
  readonly rates: readonly LimitName[];
}

export const operations: { readonly [K in OperationName]: OperationRule<Operations[K]["request"], Operations[K]["response"]> } = {`);
  for (const method of methods) {
    const rule = options.read(method, "operation");
    const rates = rule.rates.map((rate: string) => `"${camelCase(shortName(options.value(rate)))}"`);
    file.print(
      `  ${method.localName}: { name: "${method.name}", path: "/${method.parent.typeName}/${method.name}", requestType: "${method.input.typeName}", ` +
        `request: ${method.input.name}, response: ${method.output.name}, needsSession: ${rule.needsSession}, ` +
        `repeatable: ${rule.repeatable}, rates: [${rates.join(", ")}] },`,
    );
  }
  file.print(`};`);
  file.print();
  file.print(`export const operationNames = Object.keys(operations) as OperationName[];`);
}

/** The methods of a service. */
export function methodsOf(schema: Schema, typeName: string): readonly DescMethod[] {
  const service = schema.allFiles.flatMap((file) => file.services).find((candidate) => candidate.typeName === typeName);
  if (service === undefined) throw new Error(`there is no ${typeName}`);
  return service.methods;
}

/** The names of the messages of methods, by the file that has them. */
export function importsOf(methods: readonly DescMethod[]): Map<string, string[]> {
  const imports = new Map<string, string[]>();
  for (const message of methods.flatMap((method) => [method.input, method.output])) {
    const source = `../${message.file.name.split("/").pop()}.js`;
    imports.set(source, [...(imports.get(source) ?? []), message.name]);
  }
  return imports;
}

/** Both doors must offer the same operations, with one number each. */
function checkDoors(schema: Schema, methods: readonly DescMethod[]): void {
  const messages = schema.allFiles.flatMap((file) => file.messages);
  const find = (message: string, oneof: string): DescOneof => {
    const found = messages.find((m) => m.typeName === `aldis.v1.${message}`)?.oneofs.find((o) => o.name === oneof);
    if (found === undefined) throw new Error(`aldis.v1.${message} has no oneof ${oneof}`);
    return found;
  };
  const numberOf = (oneof: DescOneof, message: DescMessage): number => {
    const field = oneof.fields.find((f) => f.message?.typeName === message.typeName);
    if (field === undefined) throw new Error(`aldis.v1.${oneof.parent.name}.${oneof.name} lacks ${message.name}`);
    return field.number;
  };
  const request = find("Call", "request");
  const outcome = find("CallResult", "outcome");
  for (const method of methods) {
    if (numberOf(request, method.input) !== numberOf(outcome, method.output)) {
      throw new Error(`${method.name} has different numbers in Call and CallResult`);
    }
  }
  if (request.fields.length !== methods.length)
    throw new Error("aldis.v1.Call has a request that is no method of RealtimeService");
}
