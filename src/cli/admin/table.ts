import { escapeControls } from "../escape.js";

/** One row of a table, by the names of the columns. */
export type Row = Readonly<Record<string, string | number>>;

/** Rows as text with a line of names above, each column as wide as it has to be. Empty for no rows. */
export function table(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return "";
  const lines = [names.map((name) => name.toUpperCase()), ...rows.map((row) => names.map((name) => shown(row[name])))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** The fields of one thing, a line each. */
export function fields(row: Row): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length));
  return Object.entries(row)
    .map(([name, value]) => `${name.padEnd(width)}  ${shown(value)}\n`)
    .join("");
}

function shown(value: string | number | undefined): string {
  return value === undefined || value === "" ? "-" : escapeControls(String(value));
}

const utc = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC", dateStyle: "short", timeStyle: "medium" });

/** A time of the server, in milliseconds since 1970, such as "2026-11-20 22:05:00Z"; "-" for none. */
export function time(ms: number): string {
  return ms === 0 ? "-" : `${utc.format(ms)}Z`;
}
