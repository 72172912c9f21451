import { keyText } from "../ports/keys.js";

/** The ids of an app among keys made with `keyText`: the first ones behind an id, in order, and how many there are in all. */
export function idsAfter(
  keys: Iterable<string>,
  appId: string,
  after: string,
  limit: number,
): { readonly ids: readonly string[]; readonly count: number } {
  const prefix = keyText(appId, "");
  const ids: string[] = [];
  let count = 0;
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    count += 1;
    const id = key.slice(prefix.length);
    const last = ids[limit - 1];
    // Only what the page may hold is kept in order, so the cost of many ids is that of looking at them.
    if (id <= after || (last !== undefined && id >= last)) continue;
    ids.splice(placeOf(ids, id), 0, id);
    ids.length = Math.min(ids.length, limit);
  }
  return { ids, count };
}

/** Where an id belongs in a sorted list. */
function placeOf(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
