import { describe, expect, it, vi } from "vitest";
import { MemoryBus } from "../../../../../src/server/engine/embedded/memory-bus.js";
import { bytesTopic } from "../../../../../src/server/engine/ports/topic.js";

describe("the bus in memory", () => {
  it("brings a message within the step that publishes it", async () => {
    const bus = new MemoryBus();
    const heard: string[] = [];
    await bus.subscribe(bytesTopic("a"), (message) => heard.push(`${message}`));

    bus.publishNow(bytesTopic("a"), Uint8Array.of(1));

    expect(heard).toEqual(["1"]);
  });

  it("shows what a listener throws as an uncaught error, and goes on with the other listeners and messages", async () => {
    const bus = new MemoryBus();
    const uncaught: (() => void)[] = [];
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => uncaught.push(task));
    const heard: string[] = [];
    await bus.subscribe(bytesTopic("a"), () => {
      throw new Error("A faulty listener.");
    });
    await bus.subscribe(bytesTopic("a"), (message) => heard.push(`${message}`));

    bus.publishNow(bytesTopic("a"), Uint8Array.of(1));
    bus.publishNow(bytesTopic("a"), Uint8Array.of(2));

    expect(heard).toEqual(["1", "2"]);
    expect(uncaught).toHaveLength(2);
    for (const task of uncaught) expect(task).toThrow("A faulty listener.");
  });

  it("does not bring a message to one who subscribed after it was published and before it was delivered", async () => {
    const bus = new MemoryBus();
    const heard: string[] = [];
    await bus.subscribe(bytesTopic("a"), ([value = -1]) => {
      if (value !== 1) return;
      bus.publishNow(bytesTopic("a"), Uint8Array.of(2));
      void bus.subscribe(bytesTopic("a"), (message) => heard.push(`${message}`));
    });

    bus.publishNow(bytesTopic("a"), Uint8Array.of(1));
    bus.publishNow(bytesTopic("a"), Uint8Array.of(3));

    expect(heard).toEqual(["3"]);
  });
});
