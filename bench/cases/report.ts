import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawBarChart } from "../reporting/bar-chart.js";
import { collectFacts, type Facts } from "../reporting/facts.js";
import { fanOutSections } from "../reporting/fan-out-sections.js";
import { chartFile, type Part, writePage } from "../reporting/page.js";
import { type Findings, type Line, linesOf, type Section } from "../reporting/section.js";
import { serverSections } from "../reporting/server-sections.js";
import { targetsOf } from "../reporting/targets.js";
import type { Outcome, Report } from "../support/report.js";

export interface ReportOptions {
  /** Measures little, to see that everything works. */
  readonly quick?: boolean;
  /** The sections to measure; what the directory has of the others stays. Empty for all. */
  readonly only: readonly string[];
  /** The directory to write to. */
  readonly output: string;
}

/** The directory of the report that is part of the repository. */
export const reportDirectory = fileURLToPath(new URL("../report", import.meta.url));

const sections = [...fanOutSections, ...serverSections];
const dataFile = "results.json";

/** The sections of a report. */
export const sectionNames = sections.map(({ name }) => name);

/** So much of a processor something else may need on a machine that counts as quiet. */
const quietProcessors = 0.2;

type AllFindings = Record<string, Findings | undefined>;

/** Runs everything, and writes a page with tables and charts, and the figures of every run. It writes after each section. */
export async function runReport({ quick = false, only, output }: ReportOptions, report: Report): Promise<Outcome> {
  const facts = await collectFacts();
  const findings = only.length === 0 ? {} : await readFindings(output);
  for (const section of sections.filter(({ name }) => only.length === 0 || only.includes(name))) {
    report.progress(`== ${section.name}: ${section.title}`);
    const rows: Line[] = [];
    const row = (figures: object) => rows.push({ ...figures });
    const { summary, failed } = await section.run(quick ? "quick" : "full", { progress: report.progress, row });
    findings[section.name] = { measured: describe(facts, quick), rows, failed, summary: summary?.map((line) => ({ ...line })) };
    await write(output, findings, facts);
  }
  report.progress(`The report is in ${output}`);
  return { summary: targetsOf(findings), failed: Object.values(findings).some((found) => found?.failed === true) };
}

function describe({ date, commit, busyProcessors }: Facts, quick: boolean): string {
  const busy = busyProcessors > quietProcessors ? `, while something else kept ${busyProcessors} processors busy` : "";
  return `on ${date} at commit ${commit}${quick ? ", in the quick form, which means little" : ""}${busy}`;
}

async function readFindings(output: string): Promise<AllFindings> {
  const text = await readFile(join(output, dataFile), "utf8").catch(() => '{"sections":{}}');
  return (JSON.parse(text) as { sections: AllFindings }).sections;
}

async function write(output: string, findings: AllFindings, facts: Facts): Promise<void> {
  await mkdir(output, { recursive: true });
  const old = (await readdir(output)).filter((name) => name.endsWith(".svg"));
  await Promise.all(old.map((name) => rm(join(output, name))));
  const parts = sections.flatMap((section): Part[] => {
    const found = findings[section.name];
    // What needs a program that is not installed has found nothing, and said so.
    return found === undefined || linesOf(found).length === 0 ? [] : [{ section, findings: found }];
  });
  await writeFile(join(output, "README.md"), writePage(facts, parts));
  await writeFile(join(output, dataFile), `${JSON.stringify({ facts, sections: findings }, undefined, 2)}\n`);
  for (const { section, findings: found } of parts) await drawCharts(output, section, linesOf(found));
}

async function drawCharts(output: string, section: Section, lines: readonly Line[]): Promise<void> {
  for (const [ending, chart] of Object.entries(section.charts(lines))) {
    await writeFile(join(output, chartFile(section, ending)), drawBarChart(chart));
  }
}
