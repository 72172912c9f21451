/** An object of any keys: it has no prototype, so `__proto__` is a key like any other. */
export function toRecord<T>(entries: Iterable<readonly [string, T]>): { [key: string]: T } {
  const record: { [key: string]: T } = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}
