import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lanes } from "../../../src/server/session/lanes.js";

/** A task that ends when the test says so. Its outcome is its number. */
class Task {
  readonly outcome: Promise<string>;
  started = false;
  ended = false;
  private open = () => {};
  private readonly gate = new Promise<void>((resolve) => (this.open = resolve));

  constructor(
    lanes: Lanes,
    readonly key: string,
    private readonly name: string,
    private readonly fails: boolean,
  ) {
    this.outcome = lanes.run(key, () => this.run()).catch((failure: Error) => failure.message);
  }

  end(): void {
    this.ended = true;
    this.open();
  }

  private async run(): Promise<string> {
    this.started = true;
    await this.gate;
    if (this.fails) throw new Error(this.name);
    return this.name;
  }
}

const key = fc.constantFrom("a", "b", "c");
const plans = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("run"), key, fails: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("end"), key, fails: fc.constant(false) }) },
  ),
  { maxLength: 16, size: "max" },
);

/** Exactly the first task of each key that has not ended is under way, and none behind it. */
function checkStarted(tasks: readonly Task[]): void {
  for (const laneKey of ["a", "b", "c"]) {
    const open = tasks.filter((task) => task.key === laneKey && !task.ended);
    expect(open.map(({ started }) => started)).toEqual(open.map((_, i) => i === 0));
  }
}

describe("Lanes", () => {
  it("run tasks of a key one after another in their order and those of other keys beside them, also behind a failure", async () => {
    const property = fc.asyncProperty(plans, async (steps) => {
      const lanes = new Lanes();
      const tasks: Task[] = [];
      for (const { kind, key: laneKey, fails } of steps) {
        if (kind === "run") tasks.push(new Task(lanes, laneKey, `task ${tasks.length}`, fails));
        else tasks.find((task) => task.key === laneKey && !task.ended)?.end();
        await nextTurn();
        checkStarted(tasks);
      }
      for (const task of tasks) task.end();
      expect(await Promise.all(tasks.map(({ outcome }) => outcome))).toEqual(tasks.map((_, i) => `task ${i}`));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("starts the first task of a key within the call", async () => {
    let started = false;

    const run = new Lanes().run("a", async () => (started = true));
    const within = started;
    await run;

    expect(within).toBe(true);
  });
});
