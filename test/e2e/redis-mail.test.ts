// The limits of the mail between nodes on Redis, and what is seen of it.
import { randomUUID } from "node:crypto";
import { expect, it, onTestFinished, vi } from "vitest";
import { defaultLimits, type LimitName, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import { EngineExhausted } from "../../src/server/engine/ports/unavailable.js";
import { createRedisEngine } from "../../src/server/engine/redis/redis-engine.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { failOn } from "../support/fail-on.js";
import { describeWithRedis, startTestRedis } from "../support/redis.js";
import { singleRedis } from "../support/redis-target.js";

const bound = { timeout: 20_000, interval: 20 };
const message = (bytes: number) => new Uint8Array(bytes);

/** An engine on a Redis of its own, with some limits of its own, in which a node lives. */
async function openEngine(own: Partial<Limits>) {
  const server = await startTestRedis();
  const refused: LimitName[] = [];
  const { engine } = await createRedisEngine(
    {
      target: singleRedis(server),
      prefix: `${randomUUID()}:`,
      profile: "fast",
      runtime: systemRuntime,
      limits: { ...defaultLimits, ...own },
      onLimit: (limit) => refused.push(limit),
      report: failOn,
    },
    { onConnection: () => {} },
  );
  onTestFinished(() => engine.close());
  const heard: Uint8Array[] = [];
  await engine.nodes.enter("node", (bytes) => heard.push(bytes));
  return { server, engine, refused, heard, figures: engine.figures };
}

describeWithRedis("mail between nodes on Redis", () => {
  it("is refused above a number of messages until the node has taken some, and counts as refused by the limit", async () => {
    const { engine, refused, figures, heard } = await openEngine({ nodeMailMessages: 3 });
    for (let sent = 0; sent < 3; sent += 1) expect(await engine.nodes.send("node", message(10))).toBe(true);

    await expect(engine.nodes.send("node", message(10))).rejects.toThrow(/node \(LIMIT_NODE_MAIL_MESSAGES\)/);
    await vi.waitFor(() => expect(heard).toHaveLength(3), bound);
    await engine.nodes.renew("node");
    expect(figures.incomingMail).toMatchObject({ messages: 3 });
    expect(await engine.nodes.send("node", message(10))).toBe(true);

    expect(refused).toEqual(["nodeMailMessages"]);
  });

  it("is refused above a number of bytes until the node has taken some", async () => {
    const { engine, refused, figures, heard } = await openEngine({ nodeMailBytes: 1000 });
    expect(await engine.nodes.send("node", message(900))).toBe(true);

    await expect(engine.nodes.send("node", message(900))).rejects.toThrow(EngineExhausted);
    await vi.waitFor(() => expect(heard).toHaveLength(1), bound);
    await engine.nodes.renew("node");
    expect(figures.incomingMail.bytes).toBeGreaterThanOrEqual(900);
    await engine.nodes.renew("node");
    expect(figures.incomingMail).toEqual({ messages: 0, bytes: 0 });

    expect(await engine.nodes.send("node", message(900))).toBe(true);
    expect(refused).toEqual(["nodeMailBytes"]);
  });

  it("waits here while Redis does not answer, up to the same limits", { timeout: 30_000 }, async () => {
    const { server, engine, refused, figures } = await openEngine({ nodeMailMessages: 2, nodeMailBytes: 100 });
    const send = (bytes: number) => engine.nodes.send("node", message(bytes)).catch((failure: Error) => failure.message);
    server.pause();
    const first = send(10);
    await Promise.resolve();
    await Promise.resolve();
    expect(figures.outgoingMail).toEqual({ messages: 0, bytes: 0 });

    const second = send(60);
    expect(await send(60)).toMatch(/LIMIT_NODE_MAIL_BYTES/);
    expect(figures.outgoingMail).toEqual({ messages: 1, bytes: 60 });
    const third = send(10);
    const refusal = await send(1);
    expect(refusal).toMatch(/LIMIT_NODE_MAIL_MESSAGES/);
    server.resume();

    expect(await first).toBe(true);
    // They go together, and Redis has room for one.
    expect([await second, await third]).toEqual([refusal, refusal]);
    expect(refused).toEqual(["nodeMailBytes", "nodeMailMessages", "nodeMailMessages"]);
    await vi.waitFor(() => expect(figures.outgoingMail).toEqual({ messages: 0, bytes: 0 }), bound);
  });
});
