import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawBarChart } from "../reporting/bar-chart.js";
import { collectFacts } from "../reporting/facts.js";
import { fanOutSections } from "../reporting/fan-out-sections.js";
import { chartFile, type Part, writePage } from "../reporting/page.js";
import { type Line, linesOf, type Section } from "../reporting/section.js";
import { serverSections } from "../reporting/server-sections.js";
import { targetsOf } from "../reporting/targets.js";
import type { Outcome, Report } from "../support/report.js";

export interface ReportOptions {
  /** Measures little, to see that everything works. */
  readonly quick?: boolean;
  /** The sections to measure. Empty for all. */
  readonly only: readonly string[];
  /** The directory to write to. */
  readonly output: string;
}

/** The directory of the report that is part of the repository. */
export const reportDirectory = fileURLToPath(new URL("../report", import.meta.url));

const sections = [...fanOutSections, ...serverSections];

/** The sections of a report. */
export const sectionNames = sections.map(({ name }) => name);

/** Runs everything, and writes a page with tables and charts, and the figures of every run. It writes after each section. */
export async function runReport({ quick = false, only, output }: ReportOptions, report: Report): Promise<Outcome> {
  const facts = collectFacts();
  const parts: Part[] = [];
  for (const section of sections.filter(({ name }) => only.length === 0 || only.includes(name))) {
    report.progress(`== ${section.name}: ${section.title}`);
    const rows: Line[] = [];
    const { summary, failed } = await section.run(quick ? "quick" : "full", {
      progress: report.progress,
      row: (row) => rows.push({ ...row }),
    });
    parts.push({ section, findings: { rows, failed, summary: summary?.map((line) => ({ ...line })) } });
    await write(output, parts, facts);
  }
  report.progress(`The report is in ${output}`);
  const findings = Object.fromEntries(parts.map((part) => [part.section.name, part.findings]));
  return { summary: targetsOf(findings), failed: parts.some((part) => part.findings.failed) };
}

async function write(output: string, parts: readonly Part[], facts: ReturnType<typeof collectFacts>): Promise<void> {
  await mkdir(output, { recursive: true });
  const old = (await readdir(output)).filter((name) => name.endsWith(".svg"));
  await Promise.all(old.map((name) => rm(join(output, name))));
  await writeFile(join(output, "README.md"), writePage(facts, parts));
  const sections = Object.fromEntries(parts.map((part) => [part.section.name, part.findings]));
  await writeFile(join(output, "results.json"), `${JSON.stringify({ facts, sections }, undefined, 2)}\n`);
  for (const { section, findings } of parts) await drawCharts(output, section, linesOf(findings));
}

async function drawCharts(output: string, section: Section, lines: readonly Line[]): Promise<void> {
  for (const [ending, chart] of Object.entries(section.charts(lines))) {
    await writeFile(join(output, chartFile(section, ending)), drawBarChart(chart));
  }
}
