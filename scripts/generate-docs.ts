#!/usr/bin/env tsx
// Writes the generated parts of the documents. In the READMEs of proto/ and operations/: what stands between
// `<!-- generated: NAME -->` and `<!-- end -->`. In all: the code behind `<!-- example: FILE -->`, so that what people read is what
// the tests run.
// With --check it changes nothing, and fails if a document is out of date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import * as operations from "./docs/operations.js";
import { renderSampleSession } from "./docs/sample-session.js";
import * as tables from "./docs/tables.js";

const metrics = await operations.renderMetrics();

const parts: Readonly<Record<string, () => string>> = {
  "sample session": renderSampleSession,
  errors: tables.renderErrors,
  goodbyes: tables.renderGoodbyes,
  limits: tables.renderLimits,
  connection: tables.renderConnection,
  membership: tables.renderMembership,
  invitation: tables.renderInvitation,
  "caller view": tables.renderCallerView,
  "callee view": tables.renderCalleeView,
  metrics: () => metrics,
  alarms: operations.renderAlarms,
  "fixed limits": operations.renderFixedLimits,
  advice: operations.renderAdvice,
};

const languages: Readonly<Record<string, string>> = { ".ts": "ts", ".py": "python" };

const pathOf = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** The READMEs in a folder and below, in all their languages. */
function readmesIn(folder: string, recursive = true): readonly string[] {
  const files = readdirSync(pathOf(folder), { recursive, encoding: "utf8" });
  return files.filter((file) => /(^|[\\/])README[^\\/]*\.md$/.test(file)).map((file) => `${folder}/${file}`);
}

const documents = [...readmesIn(".", false), "proto/README.md", "operations/README.md", ...readmesIn("src/client")];

function renderPart(kind: string, name: string): string {
  if (kind === "example") return renderExample(name);
  const render = parts[name];
  if (render === undefined) throw new Error(`a document asks for "${name}", which nobody makes`);
  return render();
}

/** The code of a file, or what stands between its marks `README:begin` and `README:end`. */
function renderExample(file: string): string {
  const code = readFileSync(pathOf(file), "utf8");
  const marked = /^.*README:begin.*\n([\s\S]*?)^.*README:end/m.exec(code)?.[1] ?? code;
  return `\`\`\`${languages[extname(file)]}\n${marked.trim()}\n\`\`\``;
}

function render(text: string): string {
  return text.replace(
    /(<!-- (generated|example): (.+?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, kind: string, name: string, end: string) => `${begin}${renderPart(kind, name)}\n${end}`,
  );
}

for (const document of documents) {
  const present = readFileSync(pathOf(document), "utf8");
  const made = render(present);
  if (made === present) continue;
  if (!process.argv.includes("--check")) writeFileSync(pathOf(document), made);
  else {
    process.stderr.write(`${document} is out of date; run: npm run generate\n`);
    process.exitCode = 1;
  }
}
