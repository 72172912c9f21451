import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Frees all memory that nothing holds. Afterwards a `WeakRef` has a target only if something holds it. */
export async function collectGarbage(): Promise<void> {
  // A target that was looked at in this turn is held until the next one.
  await nextTurn();
  collect();
}
