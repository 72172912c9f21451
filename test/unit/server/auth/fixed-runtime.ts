import type { Runtime } from "../../../../src/server/runtime.js";

/** A runtime whose time stands still and whose random bytes count up; nothing here plans tasks. */
export function fixedRuntime(nowMs: number): Runtime {
  let next = 0;
  const noTimer = () => ({ cancel() {} });
  return {
    clock: { now: () => nowMs, monotonic: () => nowMs, after: noTimer, every: noTimer, soon() {}, work: () => 0 },
    randomBytes: (length) => Uint8Array.from({ length }, () => next++ % 256),
  };
}
