import { PassThrough } from "node:stream";
import { setImmediate as streamsSettle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Framing } from "../../../../../src/server/edge/grpc/framing.js";
import { MessageReader } from "../../../../../src/server/edge/grpc/message-reader.js";
import { takeInTurns } from "../../../../../src/server/edge/grpc/turns.js";
import { Frame } from "../../../../../src/server/session/frame.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const framed = (messages: readonly Buffer[]) => messages.map((message) => new Framing().messageOf(new Frame([message])));

function open() {
  const waiting: (() => void)[] = [];
  const clock = { ...createManualRuntime().clock, soon: (task: () => void) => void waiting.push(task) };
  const stream = new PassThrough({ highWaterMark: 1024 * 1024 });
  const taken: Buffer[] = [];
  const state = { ended: false };
  const reader = new MessageReader(1024 * 1024, () => expect.fail("no message is too large"));
  takeInTurns(stream, reader, clock, {
    take: (message) => taken.push(message),
    ended: () => {
      state.ended = true;
    },
  });
  const nextTurn = async () => {
    for (const task of waiting.splice(0)) task();
    await streamsSettle();
  };
  return { stream, taken, state, nextTurn };
}

describe.each(["each in a chunk of its own", "all in one chunk"])("takeInTurns, messages %s", (how) => {
  const write = (stream: PassThrough, messages: readonly Buffer[]) => {
    const chunks = framed(messages);
    for (const chunk of how === "all in one chunk" ? [Buffer.concat(chunks)] : chunks) stream.write(chunk);
  };

  it("lets others have a turn after 32 messages, and loses none", async () => {
    const messages = Array.from({ length: 100 }, (_, i) => Buffer.of(i));
    const { stream, taken, nextTurn } = open();
    write(stream, messages);

    await streamsSettle();
    expect(taken).toHaveLength(32);

    await nextTurn();
    expect(taken).toHaveLength(64);

    await nextTurn();
    await nextTurn();
    expect(taken).toEqual(messages);
  });

  it("lets others have a turn after 64 KiB, and after a message that is larger", async () => {
    const { stream, taken, nextTurn } = open();
    write(
      stream,
      [40_000, 40_000, 100_000, 5].map((length) => Buffer.alloc(length)),
    );

    await streamsSettle();
    expect(taken).toHaveLength(2);

    await nextTurn();
    expect(taken).toHaveLength(3);

    await nextTurn();
    expect(taken).toHaveLength(4);
  });

  it("tells the end behind the last message, also of a stream that has turns to wait for", async () => {
    const { stream, taken, state, nextTurn } = open();
    write(
      stream,
      Array.from({ length: 40 }, (_, i) => Buffer.of(i)),
    );
    stream.end();

    await streamsSettle();
    expect(taken).toHaveLength(32);
    expect(state.ended).toBe(false);

    await nextTurn();
    await nextTurn();
    expect(taken).toHaveLength(40);
    expect(state.ended).toBe(true);
  });
});
