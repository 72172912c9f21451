import type { LimitValue } from "../../../gen/aldis/v1/limit.js";
import { defaultLimits, type LimitName, type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";

/** The limits that the server told. Those that it did not tell have their defaults; one out of bounds counts as the bound. */
export function limitsFrom(values: readonly LimitValue[]): Limits {
  const limits: Limits = { ...defaultLimits };
  const told = new Map(values.map(({ limit, value }) => [limit, value]));
  for (const name of Object.keys(limitTable) as LimitName[]) {
    const { limit, min, max } = limitTable[name];
    const value = told.get(limit);
    if (value !== undefined) limits[name] = Math.min(Math.max(value, min), max);
  }
  return limits;
}
