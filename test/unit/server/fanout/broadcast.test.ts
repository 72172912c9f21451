import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { EventSegment } from "../../../../src/server/event-segment.js";
import { Broadcast } from "../../../../src/server/fanout/broadcast.js";
import { PlacedEvents } from "../../../../src/server/fanout/placed-events.js";
import type { Follower, Run } from "../../../../src/server/fanout/run.js";
import { pieceOf } from "../../../support/event-segment.js";

/** A follower that says what it does, and takes messages when it is drained. */
class Reader implements Follower {
  readonly steps: string[] = [];
  readonly segments: EventSegment[] = [];
  run: Run | undefined;
  private from = 0;

  follow(run: Run, { place }: PlacedEvents): boolean {
    this.steps.push(`follow ${place.offset}`);
    [this.run, this.from] = [run, run.length - 1];
    return true;
  }

  drain(): void {
    const { run } = this;
    if (run === undefined) return;
    this.run = undefined;
    run.leave(this);
    this.segments.push(run.segmentFrom(this.from));
    this.steps.push(`take ${run.eventsFrom(this.from).map(({ place }) => place.offset)}`);
  }
}

const messages = (offset: number, count: number, { bytes = 1, epoch = "one" } = {}) => {
  const events = Array.from({ length: count }, () => new Uint8Array(bytes));
  return new PlacedEvents({ epoch, offset }, Array(count).fill("ann"), pieceOf(events));
};
const message = (offset: number, options = {}) => messages(offset, 1, options);

function broadcastTo(...readers: Reader[]): Broadcast {
  const broadcast = new Broadcast(defaultLimits);
  for (const reader of readers) broadcast.add(reader);
  return broadcast;
}

const offsets = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe("Broadcast", () => {
  it("looks at a member once for all messages between two writes", () => {
    const [quick, slow] = [new Reader(), new Reader()];
    const broadcast = broadcastTo(quick, slow);

    for (const offset of [1, 2]) broadcast.send(message(offset));
    quick.drain();
    for (const offset of [3, 4]) broadcast.send(message(offset));
    for (const reader of [quick, slow]) reader.drain();

    expect(quick.steps).toEqual(["follow 1", "take 1,2", "follow 3", "take 3,4"]);
    expect(slow.steps).toEqual(["follow 1", "take 1,2,3,4"]);
  });

  it("brings messages that come together to each member together", () => {
    const [quick, slow] = [new Reader(), new Reader()];
    const broadcast = broadcastTo(quick, slow);

    broadcast.send(messages(1, 3));
    quick.drain();
    broadcast.send(messages(4, 2));
    for (const reader of [quick, slow]) reader.drain();

    expect(quick.steps).toEqual(["follow 1", "take 1,2,3", "follow 4", "take 4,5"]);
    expect(slow.steps).toEqual(["follow 1", "take 1,2,3,4,5"]);
  });

  it("gives all who take the same the same segment, though others take something else in between", () => {
    const readers = Array.from({ length: 4 }, () => new Reader());
    const [early, late, early2, late2] = readers as [Reader, Reader, Reader, Reader];
    const broadcast = broadcastTo(...readers);
    broadcast.send(messages(1, 2));
    for (const reader of [late, late2]) reader.drain();
    broadcast.send(messages(3, 2));

    for (const reader of [early, late, early2, late2]) reader.drain();

    expect([early.steps.at(-1), late.steps.at(-1)]).toEqual(["take 1,2,3,4", "take 3,4"]);
    expect(early2.segments.at(-1)).toBe(early.segments.at(-1));
    expect(late2.segments.at(-1)).toBe(late.segments.at(-1));
    expect(early.segments.at(-1)).not.toBe(late.segments.at(-1));
  });

  it("has members take what they have where messages that come together have no room behind it: bounded", () => {
    const [ofMany, ofLarge] = [new Reader(), new Reader()];
    const [many, large] = [broadcastTo(ofMany), broadcastTo(ofLarge)];

    for (const each of [messages(1, 500), messages(501, 13)]) many.send(each);
    for (const each of [messages(1, 2, { bytes: 30_000 }), messages(3, 2, { bytes: 3_000 })]) large.send(each);

    expect(ofMany.steps).toEqual(["follow 1", `take ${offsets(1, 500)}`, "follow 501"]);
    expect(ofLarge.steps).toEqual(["follow 1", "take 1,2", "follow 3"]);
  });

  it("has members take what they have after 512 messages, or 64 KiB: bounded", () => {
    const [ofMany, ofLarge] = [new Reader(), new Reader()];
    const [many, large] = [broadcastTo(ofMany), broadcastTo(ofLarge)];

    for (const offset of offsets(1, 513)) many.send(message(offset));
    for (const offset of offsets(1, 3)) large.send(message(offset, { bytes: 32 * 1024 }));

    expect(ofMany.steps).toEqual(["follow 1", `take ${offsets(1, 512)}`, "follow 513"]);
    expect(ofLarge.steps).toEqual(["follow 1", "take 1,2", "follow 3"]);
  });

  it("has members take as much as a batch may have where that is less", () => {
    const reader = new Reader();
    const broadcast = new Broadcast({ batchBytes: 1000 });
    broadcast.add(reader);

    for (const offset of offsets(1, 3)) broadcast.send(message(offset, { bytes: 500 }));

    expect(reader.steps).toEqual(["follow 1", "take 1,2", "follow 3"]);
  });

  it("does not keep what everybody has taken: bounded", () => {
    const readers = [new Reader(), new Reader()];
    const broadcast = broadcastTo(...readers);
    broadcast.send(message(1));
    for (const reader of readers) reader.drain();

    broadcast.send(message(2));

    expect(readers.map(({ run }) => run?.length)).toEqual([1, 1]);
  });

  it("begins anew where messages are missing, and with a new epoch", () => {
    const reader = new Reader();
    const broadcast = broadcastTo(reader);

    for (const each of [message(1), message(3), message(4, { epoch: "two" })]) broadcast.send(each);

    expect(reader.steps).toEqual(["follow 1", "take 1", "follow 3", "take 3", "follow 4"]);
  });

  it("brings one who leaves what was sent before, and nothing more", () => {
    const reader = new Reader();
    const broadcast = broadcastTo(reader);
    broadcast.send(message(1));

    broadcast.remove(reader);
    broadcast.send(message(2));

    expect(reader.steps).toEqual(["follow 1", "take 1"]);
  });
});
