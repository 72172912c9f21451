import { describe, expect, it } from "vitest";
import { CallResult, ConnectResponse } from "../../../../gen/aldis/v1/stream.js";
import { eventEntry } from "../../../../src/server/event-entry.js";
import { BatchJoiner } from "../../../../src/server/session/batch-joiner.js";
import type { QueueEntry } from "../../../../src/server/session/queue-entry.js";
import { segmentOf } from "../../../support/event-segment.js";

const notice = (userId: string) => eventEntry({ $case: "memberJoined", value: { channel: "room", userId } }, "members");
const result = (callId: number): QueueEntry => ({
  bytes: CallResult.encode(CallResult.create({ callId })).finish(),
  traffic: "result",
});
const [ann, bob, cat] = [notice("ann"), notice("bob"), notice("cat")];

describe("BatchJoiner", () => {
  it("makes one frame for all who have the same events to get", () => {
    const joiner = new BatchJoiner();

    expect(joiner.join([ann, bob])).toBe(joiner.join([ann, bob]));
    expect(joiner.join([ann])).toBe(joiner.join([ann]));
  });

  it("makes another frame for whoever has other events, or events in another order", () => {
    const joiner = new BatchJoiner();
    const batches = [
      [ann, bob],
      [ann, cat],
      [ann, bob, cat],
      [ann, bob],
      [bob, ann],
    ];

    const heard = batches.map((batch) =>
      ConnectResponse.decode(joiner.join(batch).bytes).events.map(({ event }) => event?.value),
    );

    expect(heard.map((values) => values.map((value) => (value as { userId: string }).userId))).toEqual([
      ["ann", "bob"],
      ["ann", "cat"],
      ["ann", "bob", "cat"],
      ["ann", "bob"],
      ["bob", "ann"],
    ]);
  });

  it("says where results stand among the events", () => {
    const frame = ConnectResponse.decode(new BatchJoiner().join([result(1), ann, bob, result(2)]).bytes);

    expect(frame.results).toMatchObject([
      { callId: 1, afterEvents: 0 },
      { callId: 2, afterEvents: 2 },
    ]);
  });

  it("makes one frame for all who get a segment, and counts each of its events", () => {
    const joiner = new BatchJoiner();
    const segment = segmentOf([ann.bytes, bob.bytes], [cat.bytes]);

    const { events, results } = ConnectResponse.decode(joiner.join([segment, cat, result(1), segment, result(2)]).bytes);

    expect(joiner.join([segment])).toBe(joiner.join([segment]));
    expect(events).toHaveLength(7);
    expect(results).toMatchObject([
      { callId: 1, afterEvents: 4 },
      { callId: 2, afterEvents: 7 },
    ]);
  });

  it("copies nothing of events", () => {
    const segment = segmentOf([ann.bytes, bob.bytes], [cat.bytes]);

    const { pieces } = new BatchJoiner().join([segment, ann, result(1)]);

    expect(pieces).toHaveLength(4);
    for (const [index, { bytes }] of [...segment.pieces, ann].entries()) expect(pieces[index]).toBe(bytes);
  });

  it("remembers a few frames only: bounded", () => {
    const joiner = new BatchJoiner();
    const first = joiner.join([ann, bob]);
    for (let i = 0; i < 100; i += 1) joiner.join([notice(`${i}`), bob]);

    expect(joiner.join([ann, bob])).not.toBe(first);
  });
});
