import type { LogFilter, LogFilterType, RtmLog } from "./log.js";

/** How an `RtmClient` behaves. */
export interface RtmConfig {
  /** Which lines are logged. Default: all but those for debugging. */
  logFilter?: LogFilterType | LogFilter;
  /** Taken and not looked at: nothing is sent to anybody. */
  enableLogUpload?: boolean;
  /** Taken and not looked at. */
  enableCloudProxy?: boolean;
}

/** The deprecated name of the same. */
export type RtmParameters = RtmConfig;

const known: ReadonlySet<string> = new Set(["logFilter", "enableLogUpload", "enableCloudProxy"]);

/** Takes options, also as the text of a JSON object. What is not known is logged and ignored. */
export function takeParameters(parameters: RtmConfig | string, log: RtmLog): void {
  const config = typeof parameters === "string" ? parsed(parameters) : parameters;
  if (config === undefined) return log.warn("The parameters are no JSON object.");
  if (config.logFilter !== undefined) log.setFilter(config.logFilter);
  for (const name of Object.keys(config)) if (!known.has(name)) log.warn(`The parameter "${name}" is not known.`);
}

function parsed(text: string): RtmConfig | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
