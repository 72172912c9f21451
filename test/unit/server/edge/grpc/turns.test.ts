import { PassThrough } from "node:stream";
import { setImmediate as streamsSettle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { takeInTurns } from "../../../../../src/server/edge/grpc/turns.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

function flood(messages: readonly Buffer[]) {
  const waiting: (() => void)[] = [];
  const clock = { ...createManualRuntime().clock, soon: (task: () => void) => void waiting.push(task) };
  const stream = new PassThrough({ objectMode: true, highWaterMark: messages.length + 1 });
  const taken: Buffer[] = [];
  takeInTurns(stream, clock, (message) => taken.push(message));
  for (const message of messages) stream.write(message);
  const nextTurn = async () => {
    for (const task of waiting.splice(0)) task();
    await streamsSettle();
  };
  return { taken, nextTurn };
}

describe("takeInTurns", () => {
  it("lets others have a turn after 32 messages, and loses none", async () => {
    const messages = Array.from({ length: 100 }, (_, i) => Buffer.of(i));
    const { taken, nextTurn } = flood(messages);

    await streamsSettle();
    expect(taken).toHaveLength(32);

    await nextTurn();
    expect(taken).toHaveLength(64);

    await nextTurn();
    await nextTurn();
    expect(taken).toEqual(messages);
  });

  it("lets others have a turn after 64 KiB, and after a message that is larger", async () => {
    const { taken, nextTurn } = flood([40_000, 40_000, 100_000, 5].map((length) => Buffer.alloc(length)));

    await streamsSettle();
    expect(taken).toHaveLength(2);

    await nextTurn();
    expect(taken).toHaveLength(3);

    await nextTurn();
    expect(taken).toHaveLength(4);
  });
});
