/** Rows as a table for people: a line of names, then a line a row, in columns. Nothing for no rows. */
export function printTable(rows: readonly object[]): string {
  const { names, cells } = tableOf(rows);
  const lines = names.length === 0 ? [] : [names, ...cells];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `${line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")}\n`).join("");
}

/** Rows as a table in Markdown, without a line end behind it. Numbers stand to the right. */
export function markdownTable(rows: readonly object[]): string {
  const { names, cells } = tableOf(rows);
  const alignments = names.map((name) => (rows.some((row) => typeof valueIn(row, name) === "number") ? "--:" : ":--"));
  return [names, alignments, ...cells].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function tableOf(rows: readonly object[]): { names: readonly string[]; cells: readonly (readonly string[])[] } {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { names, cells: rows.map((row) => names.map((name) => String(valueIn(row, name) ?? ""))) };
}

function valueIn(row: object, name: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[name];
}
