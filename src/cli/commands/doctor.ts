import type { Flags } from "../../server/config.js";
import { table } from "../admin/table.js";
import type { CliContext } from "../context.js";
import { examine } from "../doctor/examine.js";
import { escapeControls } from "../escape.js";

export interface DoctorOptions extends Flags {
  readonly json?: boolean;
}

/** `aldis doctor`: a table of what was found, and what to do; 1 if a server could not do its work. */
export async function doctorCommand({ json, ...flags }: DoctorOptions, context: CliContext): Promise<number> {
  const checks = await examine(flags, context);
  const isWell = checks.every(({ state }) => state !== "failed");
  if (json) context.output.write(`${JSON.stringify({ ok: isWell, checks })}\n`);
  else {
    context.output.write(table(checks.map(({ check, state, found }) => ({ check, state, found }))));
    const advice = checks.flatMap(({ check, advice }) =>
      advice === undefined ? [] : [`  ${check}: ${escapeControls(advice)}\n`],
    );
    if (advice.length > 0) context.output.write(`\nWhat to do:\n${advice.join("")}`);
  }
  return isWell ? 0 : 1;
}
