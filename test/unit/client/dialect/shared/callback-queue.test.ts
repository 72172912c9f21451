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

  it("answers a call before callbacks that were told later, and lets the code that waits go on first", async () => {
    const { queue, tell, told } = createQueue();
    const join = async (): Promise<void> => {
      await queue.answer((onSettled) => {
        tell("before");
        onSettled();
        tell("after");
        return Promise.resolve();
      });
    };
    const nested = async (depth: number): Promise<void> => {
      await (depth === 0 ? join() : nested(depth - 1));
    };
    const application = async (): Promise<void> => {
      await nested(10);
      told.push("joined");
    };

    await application();
    await new Promise(process.nextTick);

    expect(told).toEqual(["before", "joined", "after"]);
  });

  it("passes on what a call fails with, also where the call says nothing in step", async () => {
    const { queue } = createQueue();

    const failed = queue.answer(() => Promise.reject(new Error("no")));

    await expect(failed).rejects.toThrow("no");
  });

  it("answers though it is closed", async () => {
    const { queue } = createQueue();

    const answer = queue.answer(() => Promise.resolve("yes"));
    queue.close();

    expect(await answer).toBe("yes");
  });

  it("tells what becomes of a call in its turn, and complains of a callback that throws", async () => {
    const { queue, tell, told, complaints } = createQueue();
    const call = (outcome: Promise<string>) => (onSettled: () => void) => {
      onSettled();
      return outcome;
    };
    const unexpected = () => told.push("unexpected");

    queue.tellOutcome(call(Promise.resolve("yes")), (value) => told.push(value), unexpected);
    tell("between");
    queue.tellOutcome(call(Promise.reject(new Error("no"))), unexpected, (thrown) => told.push(String(thrown)));
    queue.tellOutcome(
      call(Promise.resolve("third")),
      () => {
        throw new Error("never");
      },
      unexpected,
    );
    tell("last");
    await new Promise(setImmediate);

    expect(told).toEqual(["yes", "between", "Error: no", "last"]);
    expect(complaints).toEqual(["A callback threw: never"]);
  });

  it("tells nothing of a call that ends after the queue was closed", async () => {
    const { queue, told } = createQueue();
    const tellAll = () => told.push("told");

    queue.tellOutcome(() => Promise.resolve(), tellAll, tellAll);
    queue.tellOutcome(() => Promise.reject(new Error("no")), tellAll, tellAll);
    queue.close();
    await new Promise(setImmediate);

    expect(told).toEqual([]);
  });
});
