/** Rows of the same shape as a table for people: a line of names, then a line a row, in columns. */
export function printTable(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => Object.values(row).map(String))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `${line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")}\n`).join("");
}
