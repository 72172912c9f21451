import type { Schema } from "@bufbuild/protoplugin";
import { camelCase, commentOf, newTable, type Options, shortName } from "./options.js";

const units = ["", "bytes", "items", "milliseconds", "calls"];

/** limits.ts: the limits by name, with default, unit and bounds. */
export function generateLimits(schema: Schema, options: Options): void {
  const file = newTable(schema, "limits", "The limits of the protocol, with their defaults, units and bounds.");
  const values = options.enum("aldis.v1.Limit").values.filter((value) => value.number !== 0);
  file.print(`import { Limit } from "../limit.js";`);
  file.print();
  file.print(`/** The value of each limit, in its unit. */`);
  file.print(`export interface Limits {`);
  for (const value of values) {
    const rule = options.read(value, "limit");
    const window = rule.windowMs > 0n ? ` In ${rule.windowMs} ms.` : "";
    file.print(`  /** ${commentOf(value)} Unit: ${units[rule.unit]}. Default: ${rule.default}.${window} */`);
    file.print(`  ${camelCase(shortName(value))}: number;`);
  }
  file.print(`}`);
  file.print();
  file.print(`export type LimitName = keyof Limits;`);
  file.print();
  file.print(`export interface LimitRule {`);
  file.print(`  readonly limit: Limit;`);
  file.print(`  /** The name of the limit in the protocol, as errors give it. */`);
  file.print(`  readonly name: string;`);
  file.print(`  /** What it limits, for people. */`);
  file.print(`  readonly about: string;`);
  file.print(`  readonly unit: "bytes" | "items" | "milliseconds" | "calls";`);
  file.print(`  readonly default: number;`);
  file.print(`  /** For a rate, the length of the sliding window in milliseconds; 0 for all others. */`);
  file.print(`  readonly windowMs: number;`);
  file.print(`  readonly min: number;`);
  file.print(`  /** Infinity for no bound. */`);
  file.print(`  readonly max: number;`);
  file.print(`}`);
  file.print();
  file.print(`export const limitTable: Readonly<Record<LimitName, LimitRule>> = {`);
  for (const value of values) {
    const rule = options.read(value, "limit");
    if (rule.unit === 0) throw new Error(`${value.name} has no unit`);
    const max = rule.max === 0n ? "Number.POSITIVE_INFINITY" : `${rule.max}`;
    file.print(
      `  ${camelCase(shortName(value))}: { limit: Limit.${shortName(value)}, name: "${value.name}", unit: "${units[rule.unit]}", ` +
        `about: ${JSON.stringify(commentOf(value))}, default: ${rule.default}, windowMs: ${rule.windowMs}, min: ${rule.min}, max: ${max} },`,
    );
  }
  file.print(`};`);
  file.print();
  file.print(`/** The limits where the operator sets none. */`);
  file.print(`export const defaultLimits: Readonly<Limits> = {`);
  for (const value of values) {
    file.print(`  ${camelCase(shortName(value))}: ${options.read(value, "limit").default},`);
  }
  file.print(`};`);
}
