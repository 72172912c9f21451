import { EventEmitter } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import { loginUser } from "./support.js";

interface Events {
  news(text: string): void;
  other(): void;
}

/** Calls the listeners of an event as the client does. */
const tell = (emitter: EventEmitter<Events>, text: string): void => {
  for (const listener of emitter.rawListeners("news")) listener(text);
};

describe("EventEmitter", () => {
  it("R-T06 adds, removes and counts listeners as the Web SDK does", () => {
    const emitter = new EventEmitter<Events>();
    const heard: string[] = [];
    const listener = (text: string): number => heard.push(text);

    emitter.on("news", listener).on("news", listener).once("news", listener);
    expect([emitter.listenerCount("news"), emitter.listenerCount("other")]).toEqual([3, 0]);
    expect(emitter.listeners("news")).toEqual([listener, listener, listener]);
    tell(emitter, "one");
    expect(heard).toEqual(["one", "one", "one"]);
    expect(emitter.listenerCount("news")).toBe(2);
    emitter.off("news", listener);
    emitter.off("news", () => {});
    tell(emitter, "two");
    expect(heard).toHaveLength(4);
    emitter.removeAllListeners("news");
    emitter.on("other", () => {});
    expect([emitter.listenerCount("news"), emitter.listenerCount("other")]).toEqual([0, 1]);
    emitter.removeAllListeners();
    expect(emitter.listenerCount("other")).toBe(0);
  });

  it("R-T06 R-C04 a listener that throws is logged, and disturbs neither the next one nor the next event", async () => {
    const server = await startDialectServer();
    const warnings: string[] = [];
    const { client, recorder } = await loginUser(server, "ann", { logger: { warn: (line) => warnings.push(line) } });
    client.removeAllListeners("MessageFromPeer");
    client.once("MessageFromPeer", () => {
      throw new Error("no");
    });
    client.on("MessageFromPeer", recorder.callback("MessageFromPeer"));

    for (const text of ["one", "two"]) await client.sendMessageToPeer({ text }, "ann");
    await recorder.until("MessageFromPeer", 2);

    expect(warnings).toEqual(['A listener of "MessageFromPeer" threw.']);
  });
});
