import { describe, expect, it } from "vitest";
import { TraceMemory, type TraceSubject } from "../../../../src/server/feature/trace.js";
import { createManualRuntime, manualStartMs } from "../../../support/manual-runtime.js";

const message = (id: string, appId = "app"): TraceSubject => ({ kind: "message", appId, id });

describe("the memory of traces", () => {
  it("gives the steps of one subject in order, and of no other", () => {
    const { clock, advance } = createManualRuntime();
    const trace = new TraceMemory("node", clock);
    trace.note(message("m"), "sent");
    trace.note(message("m", "other"), "of another app");
    trace.note({ kind: "user", appId: "app", id: "m" }, "of a user");
    advance(5);
    trace.note(message("m"), "delivered");

    expect(trace.read(message("m"))).toEqual({
      steps: [
        { serverTimeMs: manualStartMs, nodeId: "node", text: "sent" },
        { serverTimeMs: manualStartMs + 5, nodeId: "node", text: "delivered" },
      ],
      truncated: false,
    });
    expect(trace.read(message("unknown"))).toEqual({ steps: [], truncated: false });
  });

  it("takes what is said about one subject at a time, also when it had been forgotten meanwhile", () => {
    const trace = new TraceMemory("node", createManualRuntime().clock);
    const [say, sayToo] = [trace.about(message("m")), trace.about(message("m"))];
    const texts = () => trace.read(message("m")).steps.map(({ text }) => text);
    say("first");
    sayToo("second");
    expect(texts()).toEqual(["first", "second"]);

    for (let i = 0; i < 20_000; i += 1) trace.note(message(`m${i}`), "sent");
    expect(texts()).toEqual([]);
    sayToo("third");
    say("fourth");

    expect(texts()).toEqual(["third", "fourth"]);
  });

  it("says of a user that older steps may be missing as soon as anything was forgotten", () => {
    const trace = new TraceMemory("node", createManualRuntime().clock);
    const ann = { kind: "user", appId: "app", id: "ann" } as const;
    trace.note(ann, "a new session begins");
    const before = trace.read(ann).truncated;

    for (let i = 0; i < 20_000; i += 1) trace.note(message(`m${i}`), "sent");
    trace.note(ann, "a new session begins");

    expect([before, trace.read(ann).truncated]).toEqual([false, true]);
    expect(trace.read(message("m19999")).truncated).toBe(false);
  });

  it("forgets nothing else for messages to channels, and of these the oldest first", () => {
    const placed = (offset: number) => {
      trace.notePlaced({ appId: "app", id: `m${offset}`, userId: "ann", channel: "room", offset, serverTimeMs: offset });
    };
    const placedStep = (offset: number) => {
      const text = `user "ann" sends it to channel "room", where it gets the offset ${offset}`;
      return { serverTimeMs: offset, nodeId: "node", text };
    };
    const trace = new TraceMemory("node", createManualRuntime().clock);
    const unknown = { ...message("m1"), kind: "invitation" } as const;
    trace.note(message("older"), "sent");
    for (let i = 0; i < 20_000; i += 1) placed(i);
    const known = [trace.read(message("older")), trace.read(message("m0")), trace.read(unknown)];

    placed(20_000);

    const sent = { steps: [{ serverTimeMs: manualStartMs, nodeId: "node", text: "sent" }], truncated: false };
    expect(known).toEqual([sent, { steps: [placedStep(0)], truncated: false }, { steps: [], truncated: false }]);
    expect(trace.read(message("m0"))).toEqual({ steps: [], truncated: true });
    expect(trace.read(message("m1", "other"))).toEqual({ steps: [], truncated: true });
    expect(trace.read(message("m1")).steps).toEqual([placedStep(1)]);
    expect(trace.read(message("m20000")).steps).toEqual([placedStep(20_000)]);
    expect(trace.read(message("older"))).toEqual(sent);
  });

  it("forgets the oldest steps first, says so, and stays bounded however long it runs", () => {
    const trace = new TraceMemory("node", createManualRuntime().clock);
    const texts = (id: string) => trace.read(message(id)).steps.map(({ text }) => text);
    trace.note(message("long"), "first");
    trace.note(message("short"), "only");
    for (let i = 0; i < 19_999; i += 1) trace.note(message("long"), "more");

    expect(texts("long")).toHaveLength(19_999);
    expect(trace.read(message("long")).truncated).toBe(true);
    expect(texts("short")).toEqual(["only"]);
    for (let i = 0; i < 100_000; i += 1) trace.note(message(`m${i}`), "sent");
    expect(trace.read(message("short"))).toEqual({ steps: [], truncated: true });
    expect(texts("m79999")).toEqual([]);
    expect(texts("m80000")).toEqual(["sent"]);
    expect(texts("m99999")).toEqual(["sent"]);
  });
});
