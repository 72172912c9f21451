import { markdownTable } from "../support/table.js";
import type { Facts } from "./facts.js";
import { type Findings, type Line, linesOf, type Section } from "./section.js";
import { targetsOf } from "./targets.js";

/** A section with what it found. */
export interface Part {
  readonly section: Section;
  readonly findings: Findings;
}

/** The report as Markdown. The charts are files beside it. */
export function writePage(facts: Facts, parts: readonly Part[]): string {
  const findings = Object.fromEntries(parts.map((part) => [part.section.name, part.findings]));
  return `${[
    "# Benchmark report",
    "`npm run bench -- report` has written this. What each case measures and how to read it: [../README.md](../README.md). " +
      "The figures of every run: [results.json](results.json).",
    markdownTable([
      { fact: "machine", value: facts.machine },
      { fact: "Node", value: facts.node },
    ]),
    "## Targets",
    "`floor` is the same figure of a server over Node's HTTP/2 that does nothing but write what Aldis writes (`http2`, and for p99 with " +
      "channel logs on disk `http2-disk`); at saturation and at low load, on disk, that of `protocol`, the least that keeps the promises " +
      "of Aldis's protocol. A target below its floor is out of reach of any such server.",
    markdownTable(targetsOf(findings)),
    "## Systems",
    markdownTable(facts.systems),
    ...parts.flatMap(sectionText),
  ].join("\n\n")}\n`;
}

/** The file in which a chart is. */
export function chartFile({ name }: Section, ending: string): string {
  return `${name}-${ending}.svg`;
}

function sectionText({ section, findings }: Part): string[] {
  const lines = linesOf(findings);
  const charts = Object.entries(section.charts(lines));
  return [
    `## ${section.title}`,
    section.about,
    `Measured ${findings.measured}.`,
    ...charts.map(([ending, { title }]) => `![${title}](${chartFile(section, ending)})`),
    markdownTable(lines.map((found) => chosen(found, section.columns))),
    ...(findings.failed ? ["**Something was lost, came twice or out of order: these figures do not count.**"] : []),
  ];
}

function chosen(line: Line, columns: readonly string[]): Line {
  return columns.length === 0 ? line : Object.fromEntries(columns.map((name) => [name, line[name]]));
}
