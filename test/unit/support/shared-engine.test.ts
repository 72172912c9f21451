import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { bytesTopic } from "../../../src/server/engine/ports/topic.js";
import { EngineUnavailable } from "../../../src/server/engine/ports/unavailable.js";
import { createManualRuntime } from "../../support/manual-runtime.js";
import { SharedEngine } from "../../support/shared-engine.js";

const user = { appId: "app", userId: "alice" };
const bytes = (value: number) => Uint8Array.of(value);

function twoConnections() {
  const runtime = createManualRuntime();
  const shared = new SharedEngine({ runtime, limits: defaultLimits });
  return { runtime, shared, one: shared.connect(), other: shared.connect() };
}

/** What a node hears: of topics, of its mail, and of interruptions. */
async function listen({ engine }: ReturnType<SharedEngine["connect"]>) {
  const heard: string[] = [];
  await engine.bus.subscribe(
    bytesTopic("topic"),
    ([value]) => heard.push(`topic ${value}`),
    () => heard.push("interrupted"),
  );
  await engine.nodes.enter("node", ([value]) => heard.push(`mail ${value}`));
  return heard;
}

describe("a shared engine", () => {
  it("is one for all", async () => {
    const { one, other } = twoConnections();
    const heard = await listen(one);

    const { epoch } = await one.engine.sessions.claim(user, { sessionId: "s", nodeId: "node" });
    await other.engine.bus.publish(bytesTopic("topic"), bytes(1));
    await other.engine.nodes.send("node", bytes(2));

    expect(await other.engine.sessions.find(user)).toMatchObject({ epoch });
    expect(heard).toEqual(["topic 1", "mail 2"]);
  });

  it("a node that is cut off cannot call, misses what is published and is told so, and hears its mail later", async () => {
    const { runtime, one, other } = twoConnections();
    const heard = await listen(one);

    one.cut();
    await other.engine.bus.publish(bytesTopic("topic"), bytes(1));
    await other.engine.nodes.send("node", bytes(2));
    await expect(one.engine.log.head({ appId: "app", channel: "room" })).rejects.toThrow(EngineUnavailable);
    expect([one.engine.health(), heard]).toEqual(["unreachable", []]);
    one.heal();
    await runtime.settle();
    await other.engine.bus.publish(bytesTopic("topic"), bytes(3));

    expect(heard).toEqual(["interrupted", "mail 2", "topic 3"]);
  });

  it("calls take time, in order, and a cut loses what is under way", async () => {
    const { runtime, one, shared } = twoConnections();
    const outcomes: string[] = [];
    const channel = { appId: "app", channel: "room" };
    const append = () =>
      one.engine.log.append(channel, { sender: "alice", message: bytes(0) }).then(
        ({ offset }) => outcomes.push(`offset ${offset}`),
        () => outcomes.push("lost"),
      );
    one.delayMs = () => 10;

    void append();
    await runtime.advanceAsync(19);
    expect(outcomes).toEqual([]);
    await runtime.advanceAsync(1);
    void append();
    await runtime.advanceAsync(10);
    void append();
    one.cut();
    await runtime.advanceAsync(20);

    expect(outcomes).toEqual(["offset 1", "lost", "lost"]);
    expect((await shared.engine.log.head(channel)).offset).toBe(2);
  });

  it("loses publications and answers without a word where it is told to", async () => {
    const { one, other, shared } = twoConnections();
    const heard = await listen(one);
    one.losesPublication = () => true;
    other.losesAnswer = (method) => method === "sessions.claim";

    await other.engine.bus.publish(bytesTopic("topic"), bytes(1));
    const claim = other.engine.sessions.claim(user, { sessionId: "s", nodeId: "node" });

    await expect(claim).rejects.toThrow(EngineUnavailable);
    expect(await shared.engine.sessions.find(user)).toMatchObject({ sessionId: "s" });
    expect(heard).toEqual([]);
  });

  it("a dead node hears nothing, and what it has asked for never comes back", async () => {
    const { runtime, one, other } = twoConnections();
    const heard = await listen(one);
    let answered = false;

    one.kill();
    void one.engine.nodes.list().finally(() => {
      answered = true;
    });
    await other.engine.bus.publish(bytesTopic("topic"), bytes(1));
    await other.engine.nodes.send("node", bytes(2));
    await runtime.advanceAsync(60_000);

    expect([heard, answered]).toEqual([[], false]);
  });

  it("that has lost its data is heard again on the same topics, and knows no node", async () => {
    const { one, other, shared } = twoConnections();
    const heard = await listen(one);

    shared.loseData();
    await other.engine.bus.publish(bytesTopic("topic"), bytes(1));

    expect(heard).toEqual(["interrupted", "topic 1"]);
    expect((await one.engine.nodes.renew("node")).kind).toBe("lost");
  });
});
