import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Lanes } from "../../../../src/server/session/lanes.js";

/** Tasks that begin, and go on, when the test says so; `told` is what they did, in order. */
function createTasks() {
  const told: string[] = [];
  const ends = new Map<string, (failure?: Error) => void>();
  const begins = new Map<string, () => void>();
  const task =
    (name: string) =>
    (begun = () => {}) => {
      told.push(`${name} starts`);
      begins.set(name, begun);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (failure) => (failure === undefined ? resolve(name) : reject(failure)));
      });
    };
  const settle = () => setImmediate();
  return {
    told,
    task,
    async end(name: string, failure?: Error) {
      ends.get(name)?.(failure);
      await settle();
    },
    async begin(name: string) {
      begins.get(name)?.();
      await settle();
    },
  };
}

describe("lanes", () => {
  it("run tasks of one key one after another, though the first fails, and of another key at once", async () => {
    const { told, task, end } = createTasks();
    const lanes = new Lanes();

    const first = lanes.run("a", task("first"));
    const second = lanes.run("a", task("second"));
    void lanes.run("b", task("other"));
    const before = [...told];
    await Promise.all([end("first", new Error("no")), expect(first).rejects.toThrow("no")]);
    await end("second");

    expect(before).toEqual(["first starts", "other starts"]);
    expect(told).toEqual(["first starts", "other starts", "second starts"]);
    await expect(second).resolves.toBe("second");
  });

  it("let an overlapping task start when the one before has begun", async () => {
    const { told, task, begin, end } = createTasks();
    const lanes = new Lanes();

    const first = lanes.overlap("a", task("first"));
    const second = lanes.overlap("a", task("second"));
    const before = [...told];
    await begin("first");

    expect(before).toEqual(["first starts"]);
    expect(told).toEqual(["first starts", "second starts"]);
    await Promise.all([end("second"), end("first")]);
    await expect(Promise.all([first, second])).resolves.toEqual(["first", "second"]);
  });

  it("let an overlapping task start when the one before ended without having begun", async () => {
    const { told, task, end } = createTasks();
    const lanes = new Lanes();

    const first = lanes.overlap("a", task("first"));
    void lanes.overlap("a", task("second"));
    await Promise.all([end("first", new Error("no")), expect(first).rejects.toThrow("no")]);

    expect(told).toEqual(["first starts", "second starts"]);
  });

  it("let any other task wait for the end of all overlapping ones", async () => {
    const { told, task, begin, end } = createTasks();
    const lanes = new Lanes();

    void lanes.overlap("a", task("first"));
    void lanes.overlap("a", task("second"));
    void lanes.run("a", task("leave"));
    void lanes.overlap("a", task("third"));
    await begin("first");
    await begin("second");
    await end("second");
    const whileFirstRuns = [...told];
    await end("first");
    const whileLeaving = [...told];
    await end("leave");

    expect(whileFirstRuns).toEqual(["first starts", "second starts"]);
    expect(whileLeaving).toEqual(["first starts", "second starts", "leave starts"]);
    expect(told).toEqual(["first starts", "second starts", "leave starts", "third starts"]);
  });
});
