import { describe, expect, it } from "vitest";
import { bytesTopic } from "../../src/server/engine/ports/topic.js";
import { type MakeEngine, openEngine } from "./engine-under-test.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

export function describeBus(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: bus`, () => {
    it("brings a message to every subscriber of its topic and to no other", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      await engine.bus.subscribe(bytesTopic("a"), (message) => heard.push(`first ${[...message]}`));
      await engine.bus.subscribe(bytesTopic("a"), (message) => heard.push(`second ${[...message]}`));
      await engine.bus.subscribe(bytesTopic("b"), (message) => heard.push(`other ${[...message]}`));

      await engine.bus.publish(bytesTopic("a"), bytes(1, 2));
      await advance(0);

      expect(heard.sort()).toEqual(["first 1,2", "second 1,2"]);
    });

    it("brings the messages of one publisher in the order published, without waiting between them", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: number[] = [];
      await engine.bus.subscribe(bytesTopic("a"), ([value = -1]) => heard.push(value));

      await Promise.all([0, 1, 2, 3, 4].map((value) => engine.bus.publish(bytesTopic("a"), bytes(value))));
      await advance(0);

      expect(heard).toEqual([0, 1, 2, 3, 4]);
    });

    it("finishes one message for all listeners before it begins one that a listener publishes", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      await engine.bus.subscribe(bytesTopic("a"), ([value = -1]) => {
        heard.push(`first ${value}`);
        if (value === 1) void engine.bus.publish(bytesTopic("a"), bytes(2));
      });
      await engine.bus.subscribe(bytesTopic("a"), ([value = -1]) => heard.push(`second ${value}`));

      await engine.bus.publish(bytesTopic("a"), bytes(1));
      await advance(0);

      expect(heard).toEqual(["first 1", "second 1", "first 2", "second 2"]);
    });

    it("brings nothing to a subscription that has ended, and goes on with the others", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      const ended = await engine.bus.subscribe(bytesTopic("a"), () => heard.push("ended"));
      await engine.bus.subscribe(bytesTopic("a"), () => heard.push("present"));

      await ended.end();
      await ended.end();
      await engine.bus.publish(bytesTopic("a"), bytes(1));
      await advance(0);

      expect(heard).toEqual(["present"]);
    });

    it("brings nothing more to a subscription that ends while the message is delivered", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      const first = await engine.bus.subscribe(bytesTopic("a"), () => {
        heard.push("first");
        void second.end();
      });
      const second = await engine.bus.subscribe(bytesTopic("a"), () => {
        heard.push("second");
        void first.end();
      });

      await engine.bus.publish(bytesTopic("a"), bytes(1));
      await engine.bus.publish(bytesTopic("a"), bytes(2));
      await advance(0);

      expect(heard).toEqual(["first", "first"]);
    });

    it("begins a topic anew after its last subscription has ended", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: number[] = [];
      const former = await engine.bus.subscribe(bytesTopic("a"), () => heard.push(-1));
      await former.end();

      await engine.bus.publish(bytesTopic("a"), bytes(1));
      await engine.bus.subscribe(bytesTopic("a"), ([value = -1]) => heard.push(value));
      await former.end();
      await engine.bus.publish(bytesTopic("a"), bytes(2));
      await advance(0);

      expect(heard).toEqual([2]);
    });

    it("keeps topics with hostile names apart", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const topics = ["__proto__", "constructor", "*", "a*", "", "a"];
      const heard: string[] = [];
      for (const topic of topics) await engine.bus.subscribe(bytesTopic(topic), () => heard.push(topic));

      for (const topic of topics) await engine.bus.publish(bytesTopic(topic), bytes(1));
      await advance(0);

      // In their order is only what goes to one topic.
      expect(heard.sort()).toEqual(topics.sort());
    });
  });
}
