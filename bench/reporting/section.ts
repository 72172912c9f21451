import type { Outcome, Report } from "../support/report.js";
import type { BarChart } from "./bar-chart.js";

/** The figures of one line, by their names. */
export type Line = Readonly<Record<string, unknown>>;

/** How much is measured: all of it, or little, to see that everything works. */
export type Extent = "full" | "quick";

/** A part of the report: one case with its options, and how its figures are shown. */
export interface Section {
  /** Names its charts and its figures in the raw data. */
  readonly name: string;
  readonly title: string;
  /** What was measured and how to read it. */
  readonly about: string;
  run(extent: Extent, report: Report): Promise<Outcome>;
  /** The figures that the table shows, in order. Empty for all. */
  readonly columns: readonly string[];
  /** Charts by the ends of their names. */
  charts(lines: readonly Line[]): Readonly<Record<string, BarChart>>;
}

/** What a section has found. */
export interface Findings {
  /** When and at which commit they were measured. */
  readonly measured: string;
  readonly rows: readonly Line[];
  readonly summary?: readonly Line[];
  readonly failed: boolean;
}

/** What a section shows: its summary, or its rows if they say it all. */
export function linesOf({ rows, summary }: Findings): readonly Line[] {
  return summary ?? rows;
}

export function figureOf(line: Line | undefined, name: string): number | undefined {
  const value = line?.[name];
  return typeof value === "number" ? value : undefined;
}

/** Lines as the groups of a chart with one series. Those of Aldis are highlighted. */
export function groupsBy(lines: readonly Line[], label: string, figure: string): BarChart["groups"] {
  return lines.map((line) => {
    const text = String(line[label]);
    return { label: text, values: [figureOf(line, figure)], highlighted: text.startsWith("aldis") };
  });
}
