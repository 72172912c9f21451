import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import { eventEntry } from "../../../src/server/event-entry.js";
import { RoomMembership } from "../../../src/server/fanout/room-membership.js";
import { messageEntry } from "../../support/message-entry.js";
import { QueuedSession } from "../../support/queued-session.js";

const channel = { appId: "app", channel: "room" };
const notice = eventEntry({ $case: "memberJoined", value: { channel: "room", userId: "carol" } }, "members");

const sender = fc.constantFrom("alice", "bob");
const commands = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("message"), sender, lost: fc.constantFrom(0, 0, 0, 0, 1, 3) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("duplicate"), sender, back: fc.nat({ max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("notice"), userId: fc.constantFrom("alice", "carol") }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("room"), entries: fc.nat({ max: 4 }) }) },
  ),
  { maxLength: 40, size: "max" },
);
type Command = typeof commands extends fc.Arbitrary<(infer T)[]> ? T : never;

const scenarios = fc.record({
  receiveOwn: fc.boolean(),
  // Where the client begins, what it gets of the log, and how much comes before and after the membership opens.
  start: fc.nat({ max: 5 }),
  recovered: fc.nat({ max: 5 }),
  before: commands,
  after: commands,
});

/** What a channel does with one membership of alice, and what she has to hear of it. */
class Channel {
  readonly session = new QueuedSession("alice");
  readonly membership: RoomMembership;
  /** The sender of each message, by its offset less one. */
  readonly senders: string[] = [];
  /** The offsets that had room in the queue. */
  readonly roomy = new Set<number>();
  notices = 0;

  constructor(private readonly receiveOwn: boolean) {
    this.membership = new RoomMembership(this.session, channel, receiveOwn);
  }

  run(command: Command): void {
    switch (command.kind) {
      case "message":
        for (let i = 0; i <= command.lost; i += 1) this.senders.push(command.sender);
        // A gap may need the first place.
        if (this.session.room >= 2) this.roomy.add(this.senders.length);
        return this.offer(this.senders.length);
      case "duplicate":
        return this.offer(Math.max(1, this.senders.length - command.back));
      case "notice":
        if (command.userId !== "alice") this.notices += 1;
        return this.membership.offerNotice(command.userId, notice);
      case "room":
        this.session.room = command.entries;
        if (command.entries > 0) this.membership.tellMissed();
    }
  }

  record(offset: number) {
    const from = this.senders[offset - 1] ?? "";
    const message = ChannelMessage.encode(ChannelMessage.create({ channel: "room", sender: from })).finish();
    return { offset, sender: from, message };
  }

  /** Goes through what the client heard from a place on, to the end. */
  checkHeard(start: number): void {
    let place = start;
    for (const event of this.session.events) {
      if (event.$case === "channelMessage") {
        this.checkUnwanted(place + 1, event.value.offset - 1);
        expect(event.value.offset).toBeGreaterThan(place);
        expect(this.wants(event.value.offset)).toBe(true);
        place = event.value.offset;
      } else if (event.$case === "channelGap") {
        const { gap, position } = event.value;
        if (gap !== undefined) {
          this.checkUnwanted(place + 1, gap.firstOffset - 1);
          this.checkMissing(gap.firstOffset, gap.lastOffset);
          expect(gap.firstOffset).toBeGreaterThan(place);
          place = gap.lastOffset;
        }
        const goesOnAt = position?.offset ?? 0;
        expect(position).toEqual({ epoch: "one", offset: Math.max(goesOnAt, place) });
        this.checkUnwanted(place + 1, goesOnAt);
        place = goesOnAt;
      }
    }
    this.checkUnwanted(place + 1, this.senders.length);
  }

  checkNotices(): void {
    const heard = this.session.events.filter(({ $case }) => $case === "memberJoined").length;
    const told = this.session.events.some((event) => event.$case === "channelGap" && event.value.membersChanged);
    expect(told).toBe(heard < this.notices);
  }

  private offer(offset: number): void {
    if (offset > this.senders.length) return;
    const { sender: from, message } = this.record(offset);
    this.membership.offerMessage({ epoch: "one", offset }, from, messageEntry(message, offset));
  }

  private wants(offset: number): boolean {
    return this.receiveOwn || this.senders[offset - 1] !== "alice";
  }

  /** What was passed over without a word is not for this client. */
  private checkUnwanted(first: number, last: number): void {
    for (let offset = first; offset <= last; offset += 1) expect(this.wants(offset), `silence about ${offset}`).toBe(false);
  }

  private checkMissing(first: number, last: number): void {
    expect(last).toBeGreaterThanOrEqual(first);
    for (let offset = first; offset <= last; offset += 1) {
      expect(this.wants(offset) && this.roomy.has(offset), `a gap at ${offset}, which had room`).toBe(false);
    }
  }
}

describe("RoomMembership", () => {
  it("brings every message once and in order or tells that it is missing: channel-order, no-duplicate, no-silent-loss", () => {
    fc.assert(
      fc.property(scenarios, ({ receiveOwn, start, recovered, before, after }) => {
        const room = new Channel(receiveOwn);
        for (let i = 0; i < start + recovered; i += 1) room.senders.push("bob");
        // What comes before `open` is behind the head that was read, or in what was recovered.
        const records = Array.from({ length: recovered }, (_, i) => room.record(start + i + 1));
        const head = { epoch: "one", offset: room.senders.length };
        for (const command of before) room.run(command);
        if (room.session.room !== Number.POSITIVE_INFINITY) room.roomy.clear();
        room.membership.open(head, records);
        for (const command of after) room.run(command);
        room.session.room = Number.POSITIVE_INFINITY;
        room.membership.tellMissed();

        room.checkHeard(start);
        room.checkNotices();
      }),
      { numRuns: 500 },
    );
  });
});
