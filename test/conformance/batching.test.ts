import { describe, expect, it } from "vitest";
import type { Hello } from "../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { LinkFaults, type RawClient } from "../support/raw-client.js";
import { join, leave, queryPresence, saidIn, text, toChannel, toPeer } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

/** Alice, and bob who lets channel traffic wait as a test wants, in a room of a node that is busy or not. */
async function roomOn({ workload, hello = {} }: { workload: number; hello?: Partial<Hello> }) {
  const test = await startTestNode();
  const faults = new LinkFaults();
  const [alice, bob] = [await test.login("alice"), await test.login("bob", hello, faults)];
  for (const client of [alice, bob]) await test.ask(client, join("room"));
  test.runtime.workload = workload;
  await test.pass(1000, alice, bob);
  const said = (client: RawClient) => saidIn(client.events);
  return { ...test, alice, bob, faults, said };
}

describe("channel traffic on an idle node", () => {
  it("waits for nothing", async () => {
    const { alice, bob, ask, said } = await roomOn({ workload: 0.1 });

    await ask(alice, toChannel("room", "hi"));

    expect(said(bob)).toEqual(["hi"]);
  });
});

describe("channel traffic on a busy node", () => {
  it("waits at most as long as the server says by default, and travels in one batch", async () => {
    const { alice, bob, ask, runtime, said } = await roomOn({ workload: 0.9 });
    const frames = bob.frames.length;

    for (const word of ["one", "two", "three"]) await ask(alice, toChannel("room", word));
    const before = said(bob);
    await runtime.advanceAsync(defaultLimits.batchDelayMs);

    expect([before, said(bob)]).toEqual([[], ["one", "two", "three"]]);
    expect(bob.frames.length).toBe(frames + 1);
  });

  it("waits at most as long as its receiver accepts", async () => {
    const { alice, bob, ask, runtime, said } = await roomOn({ workload: 0.9, hello: { maxBatchDelayMs: 20 } });

    await ask(alice, toChannel("room", "hi"));
    const before = said(bob);
    await runtime.advanceAsync(20);

    expect([before, said(bob)]).toEqual([[], ["hi"]]);
  });

  it("does not wait for whoever accepts no delay", async () => {
    const { alice, bob, ask, said } = await roomOn({ workload: 0.9, hello: { maxBatchDelayMs: 0 } });

    await ask(alice, toChannel("room", "hi"));

    expect(said(bob)).toEqual(["hi"]);
  });

  it("waits no longer than the server's limit, however long its receiver would", async () => {
    const { alice, bob, ask, runtime, said } = await roomOn({ workload: 0.9, hello: { maxBatchDelayMs: 0xffffffff } });

    await ask(alice, toChannel("room", "hi"));
    await runtime.advanceAsync(defaultLimits.batchDelayMs);

    expect(said(bob)).toEqual(["hi"]);
  });

  it("is overtaken by peer messages and answers, which do not wait", async () => {
    const { alice, bob, ask, said } = await roomOn({ workload: 0.9 });

    await ask(alice, toChannel("room", "to all"));
    alice.call(toPeer("bob", "to bob"));
    const presence = await ask(bob, queryPresence("alice"));

    expect(said(bob)).toEqual(["to bob", "to all"]);
    expect(presence).toMatchObject({ $case: "queryPresence" });
  });

  it("is not overtaken by the answer to the call that ends it", async () => {
    const { alice, bob, ask, said } = await roomOn({ workload: 0.9 });
    await ask(alice, toChannel("room", "hi"));

    const call = bob.call(leave("room"));
    await ask(bob, queryPresence("alice"));

    const last = bob.frames.find(({ results }) => results.some(({ callId }) => callId === call));
    expect(said(bob)).toEqual(["hi"]);
    expect(last?.results.find(({ callId }) => callId === call)?.afterEvents).toBe(last?.events.length);
  });

  it("comes in the order of the first time when a link is lost and its receiver resumes", async () => {
    const { alice, bob, ask, resume, runtime, said } = await roomOn({ workload: 0.9 });
    bob.acknowledge();
    await ask(alice, toChannel("room", "one"));
    alice.call(toPeer("bob", "first"));
    // Behind the pause of the log, so that it takes the next message at once.
    await runtime.advanceAsync(20);
    bob.cut();
    await ask(alice, toChannel("room", "two"));
    alice.call(toPeer("bob", "second"));
    const { eventsAcknowledged } = bob.welcome;
    const heardBefore = bob.events.length - said(bob).length;

    const again = await resume(bob, "bob", { eventsReceived: eventsAcknowledged + heardBefore });

    expect(said(bob)).toEqual(["first", "one"]);
    expect(said(again)).toEqual(["first", "one", "second", "two"]);
  });
});

describe("a link that is stuck", () => {
  it("gets answers and peer messages first when it goes on", async () => {
    const { alice, bob, ask, faults, runtime, said } = await roomOn({ workload: 0 });
    faults.stall();
    for (let i = 0; i < 5; i += 1) await ask(alice, toChannel("room", "", { payload: text(`${i}`) }));
    alice.call(toPeer("bob", "urgent"));
    await runtime.settle();

    faults.recover();
    await runtime.settle();

    expect(said(bob)).toEqual(["0", "urgent", "1", "2", "3", "4"]);
  });
});
