#!/usr/bin/env tsx
// Writes the generated parts of proto/README.md: what stands between `<!-- generated: NAME -->` and `<!-- end -->`.
// With --check it changes nothing, and fails if the file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderSampleSession } from "./docs/sample-session.js";
import { renderConnection, renderErrors, renderGoodbyes, renderLimits, renderMembership } from "./docs/tables.js";

const parts: Readonly<Record<string, () => string>> = {
  "sample session": renderSampleSession,
  errors: renderErrors,
  goodbyes: renderGoodbyes,
  limits: renderLimits,
  connection: renderConnection,
  membership: renderMembership,
};

const path = fileURLToPath(new URL("../proto/README.md", import.meta.url));
const present = readFileSync(path, "utf8");
const made = present.replace(
  /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g,
  (_, begin: string, name: string, end: string) => {
    const render = parts[name];
    if (render === undefined) throw new Error(`proto/README.md asks for "${name}", which nobody makes`);
    return `${begin}${render()}\n${end}`;
  },
);

if (!process.argv.includes("--check")) writeFileSync(path, made);
else if (made !== present) {
  process.stderr.write("proto/README.md is out of date; run: npm run generate\n");
  process.exitCode = 1;
}
