import { beforeEach, describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../../../gen/aldis/v1/connection.js";
import type { RawClient } from "../../../support/raw-client.js";
import { startTestNode, type TestNode } from "../../../support/test-node.js";

// Some hundred answers fill the queue.
const limits = { replayBytes: 20_000, callsInFlight: 10 };
const wrongCall = {
  $case: "joinChannel" as const,
  value: { channel: "", exclusive: false, receiveOwnMessages: false, recoverFrom: undefined, businessId: "", include: [] },
};

let server: TestNode;

beforeEach(async () => {
  server = await startTestNode(limits);
});

async function callUntilDropped(client: RawClient): Promise<void> {
  for (let i = 0; i < 1000 && client.goodbye === undefined; i += 1) {
    client.call(wrongCall);
    await server.runtime.settle();
  }
}

describe("a client that goes on calling and acknowledges no answer", () => {
  it("is sent away as a slow consumer once its queue is full: bounded", async () => {
    const client = await server.login("alice");

    await callUntilDropped(client);

    expect(client.goodbye?.reason).toBe(GoodbyeReason.SLOW_CONSUMER);
  });

  it("gains nothing by resuming: the queue does not grow beyond its bound", async () => {
    let client = await server.login("alice");
    await callUntilDropped(client);
    const bytes = await queuedBytes(server);

    for (let again = 0; again < 5; again += 1) {
      client = await server.resume(client, "alice", { eventsReceived: 0, resultsReceived: 0 });
      await callUntilDropped(client);
    }

    expect(await queuedBytes(server)).toBe(bytes);
    expect(bytes).toBeLessThan(limits.replayBytes * 2);
  });

  it("goes on where it was, after it has acknowledged", async () => {
    const dropped = await server.login("alice");
    await callUntilDropped(dropped);
    const client = await server.resume(dropped, "alice");
    const results = client.results.length;

    client.call(wrongCall);
    await server.runtime.settle();

    expect(client.results).toHaveLength(results + 1);
  });
});

async function queuedBytes({ node }: TestNode): Promise<number> {
  const { text } = await node.metrics.text();
  return Number(/^aldis_queued_bytes (\d+)$/m.exec(text)?.[1]);
}
