import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DueEntry, DueQueue } from "../../../../../src/server/engine/embedded/due-queue.js";

describe("a due queue", () => {
  it("agrees with a sorted list after any additions and removals", () => {
    const step = fc.record({
      dueMs: fc.integer({ min: 0, max: 50 }),
      removes: fc.nat(3).map((draw) => draw === 0),
      choice: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200, size: "max" }),
        fc.integer({ min: 0, max: 60 }),
        fc.nat(200),
        (steps, nowMs, limit) => {
          const queue = new DueQueue<number>();
          const model: DueEntry<number>[] = [];
          for (const [value, { dueMs, removes, choice }] of steps.entries()) {
            const [removed] = removes ? model.splice(choice % Math.max(1, model.length), 1) : [];
            if (removed !== undefined) queue.remove(removed);
            else model.push(queue.add(dueMs, value));
          }
          const due = model.filter((entry) => entry.dueMs <= nowMs).sort((one, other) => one.dueMs - other.dueMs);
          const expected = due.slice(0, limit).map(({ value }) => value);

          expect(queue.due(nowMs, limit)).toEqual(expected);
          expect(queue.due(nowMs, limit)).toEqual(expected);
        },
      ),
    );
  });
});
