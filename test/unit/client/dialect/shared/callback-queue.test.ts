import { describe, expect, it } from "vitest";
import { CallbackQueue } from "../../../../../src/client/dialect/shared/callback-queue.js";

function createQueue() {
  const complaints: string[] = [];
  const told: string[] = [];
  const queue = new CallbackQueue((sentence) => complaints.push(sentence));
  const tell = (name: string) => queue.tell(() => told.push(name));
  return { queue, tell, told, complaints };
}

describe("CallbackQueue", () => {
  it("runs nothing inside the call that caused it, and keeps the order", async () => {
    const { tell, told } = createQueue();

    tell("first");
    tell("second");

    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual(["first", "second"]);
  });

  it("puts what a callback causes behind what waits", async () => {
    const { queue, tell, told } = createQueue();

    queue.tell(() => {
      tell("caused");
      told.push("first");
    });
    tell("second");
    await Promise.resolve();

    expect(told).toEqual(["first", "second", "caused"]);
  });

  it("reports a callback that throws, and runs the next", async () => {
    const { queue, tell, told, complaints } = createQueue();

    queue.tell(() => {
      throw new Error("no");
    });
    tell("second");
    await Promise.resolve();

    expect(complaints).toEqual(["A callback threw: no"]);
    expect(told).toEqual(["second"]);
  });

  it("runs nothing once it is closed, also from within a callback", async () => {
    const { queue, tell, told } = createQueue();

    queue.tell(() => queue.close());
    tell("second");
    await Promise.resolve();
    tell("third");
    await Promise.resolve();

    expect(told).toEqual([]);
  });
});
