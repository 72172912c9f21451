import type { Schema } from "@bufbuild/protoplugin";
import { newTable, type Options, shortName } from "./options.js";

/** dialects.ts: the numbers that values have in the systems that Aldis replaces. */
export function generateDialects(schema: Schema, options: Options): void {
  const file = newTable(schema, "dialects", "The numbers that values of the protocol have in the systems that Aldis replaces.");
  const tables = options.enum("aldis.options.v1.DialectTable").values.filter((value) => value.number !== 0);
  const codes = new Map<number, Map<string, [number, number][]>>();
  const sources: string[] = [];
  for (const source of schema.allFiles.filter((f) => f.proto.package === "aldis.v1").flatMap((f) => f.enums)) {
    for (const value of source.values) {
      for (const entry of options.read(value, "dialect") as { tables: number[]; code: number }[]) {
        if (!sources.includes(source.name)) sources.push(source.name);
        for (const table of entry.tables) {
          const bySource = codes.get(table) ?? new Map<string, [number, number][]>();
          const rows = bySource.get(source.name) ?? [];
          if (rows.some(([number]) => number === value.number))
            throw new Error(`${value.name} has two numbers in table ${table}`);
          bySource.set(source.name, [...rows, [value.number, entry.code]]);
          codes.set(table, bySource);
        }
      }
    }
  }
  file.print();
  file.print(`export type DialectTable =`);
  for (const table of tables) file.print(`  | "${shortName(table)}"`);
  file.print(`;`);
  file.print();
  file.print(`/** The enums whose values have numbers of their own in the tables. */`);
  file.print(
    `export type DialectSource = ${sources
      .sort()
      .map((source) => `"${source}"`)
      .join(" | ")};`,
  );
  file.print(`
export interface DialectTableRule {
  /** The id of the table in the seed map, for example "R-E01". */
  readonly id: string;
  /** The number of success. */
  readonly success: number;
  /** The number of every value without a row of its own. */
  readonly fallback: number;
  readonly codes: Readonly<Partial<Record<DialectSource, Readonly<Record<number, number>>>>>;
}

export const dialectTables: Readonly<Record<DialectTable, DialectTableRule>> = {`);
  for (const table of tables) {
    const rule = options.read(table, "dialect_table");
    const rows = [...(codes.get(table.number) ?? [])].map(
      ([source, numbers]) => `${source}: { ${numbers.map(([value, code]) => `${value}: ${code}`).join(", ")} }`,
    );
    file.print(
      `  ${shortName(table)}: { id: "${rule.id}", success: ${rule.success}, fallback: ${rule.fallback}, codes: { ${rows.join(", ")} } },`,
    );
  }
  file.print(`};

/** The number that a value has in a table. */
export function dialectCode(table: DialectTable, source: DialectSource, value: number): number {
  const rule = dialectTables[table];
  return rule.codes[source]?.[value] ?? rule.fallback;
}`);
}
