import type { Schema } from "@bufbuild/protoplugin";
import { commentOf, newTable, type Options, shortName } from "./options.js";

/** errors.ts: what each ErrorCode and GoodbyeReason means for the caller. */
export function generateErrors(schema: Schema, options: Options): void {
  const file = newTable(schema, "errors", "What each error code and each goodbye reason means for the one who gets it.");
  file.print(`import { GoodbyeReason } from "../connection.js";`);
  file.print(`import { ErrorCode } from "../error.js";`);
  file.print();
  file.print(`export interface ErrorRule {`);
  file.print(`  /** The name of the code in the protocol, for logs and texts. */`);
  file.print(`  readonly name: string;`);
  file.print(`  /** What it means and what to do, for people. */`);
  file.print(`  readonly about: string;`);
  file.print(`  /** The gRPC status of a unary call that fails with this code. */`);
  file.print(`  readonly grpcStatus: number;`);
  file.print(`  /** True if the same call may succeed later. */`);
  file.print(`  readonly retryable: boolean;`);
  file.print(`}`);
  file.print();
  file.print(`export const errorTable: Readonly<Record<ErrorCode, ErrorRule>> = {`);
  for (const value of options.enum("aldis.v1.ErrorCode").values) {
    const rule = options.read(value, "error");
    if (rule.grpcStatus === 0) throw new Error(`${value.name} has no grpc_status`);
    const name = shortName(value);
    const about = JSON.stringify(commentOf(value));
    const { grpcStatus, retryable } = rule;
    file.print(
      `  [ErrorCode.${name}]: { name: "${name}", grpcStatus: ${grpcStatus}, retryable: ${retryable}, about: ${about} },`,
    );
  }
  file.print(`};`);
  file.print();
  file.print(`export type ComeBack = "never" | "now" | "later";`);
  file.print();
  file.print(`export interface GoodbyeRule {`);
  file.print(`  /** The name of the reason in the protocol, for logs and texts. */`);
  file.print(`  readonly name: string;`);
  file.print(`  /** What it means, for people. */`);
  file.print(`  readonly about: string;`);
  file.print(`  /** What the client does next. */`);
  file.print(`  readonly comeBack: ComeBack;`);
  file.print(`}`);
  file.print();
  file.print(`export const goodbyeTable: Readonly<Record<GoodbyeReason, GoodbyeRule>> = {`);
  const comeBacks = ["later", "never", "now", "later"];
  for (const value of options.enum("aldis.v1.GoodbyeReason").values) {
    const rule = options.read(value, "goodbye");
    if (rule.comeBack === 0) throw new Error(`${value.name} has no come_back`);
    const name = shortName(value);
    const about = JSON.stringify(commentOf(value));
    file.print(`  [GoodbyeReason.${name}]: { name: "${name}", comeBack: "${comeBacks[rule.comeBack]}", about: ${about} },`);
  }
  file.print(`};`);
}
