/** The name of a value of one of the protocol's enums, for people; "7" for a number that this version does not know. */
export function nameOf(values: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(values).find((name) => values[name] === value) ?? String(value);
}
