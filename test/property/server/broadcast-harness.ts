// Members of one channel on real sessions, whose clients check that they hear what they should: each message once, in order and at
// its place among the notices, or that it is missing.
import { expect } from "vitest";
import { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import { ConnectResponse, type Event } from "../../../gen/aldis/v1/stream.js";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import type { LogPosition } from "../../../src/server/engine/ports/channel-log.js";
import { eventEntry } from "../../../src/server/event-entry.js";
import { Broadcast } from "../../../src/server/fanout/broadcast.js";
import type { Flushable, Urgent } from "../../../src/server/fanout/flusher.js";
import { placedEvents } from "../../../src/server/fanout/placed-events.js";
import { RoomMembership } from "../../../src/server/fanout/room-membership.js";
import { BatchJoiner } from "../../../src/server/session/batch-joiner.js";
import { Frame } from "../../../src/server/session/frame.js";
import { Session } from "../../../src/server/session/session.js";
import { createManualRuntime } from "../../support/manual-runtime.js";

const channel = { appId: "app", channel: "room" };
const limits = { ...defaultLimits, replayEvents: 12 };

/** So small that messages that come together are in parts of three. */
const maxPartBytes = 130;

/** What has been sent to the channel in one epoch: the sender of each offset from 1 on; undefined where the log has forgotten it. */
type History = (string | undefined)[];

/** One stay of a member in the channel, as its client knows it. */
class Stay {
  private place: LogPosition;

  constructor(
    private readonly userId: string,
    readonly membership: RoomMembership,
    private readonly world: BroadcastHarness,
  ) {
    this.place = world.place;
  }

  hear(event: NonNullable<Event["event"]>): void {
    if (event.$case === "channelMessage") {
      const { epoch } = this.place;
      expect(event.value.offset).toBeGreaterThan(this.place.offset);
      this.passTo({ epoch, offset: event.value.offset - 1 });
      expect(this.wants({ epoch, offset: event.value.offset })).toBe(true);
      this.place = { epoch, offset: event.value.offset };
    } else if (event.$case === "memberJoined") {
      const [epoch = "", offset] = event.value.userId.split("/");
      expect(epoch).toBe(this.place.epoch);
      this.passTo({ epoch, offset: Number(offset) });
    } else if (event.$case === "channelGap") {
      const { gap, position = this.place } = event.value;
      if (gap?.firstOffset === 0) expect(position.epoch).not.toBe(this.place.epoch);
      else expect(position.epoch).toBe(this.place.epoch);
      if (gap !== undefined && gap.firstOffset > 0) {
        this.passTo({ epoch: position.epoch, offset: gap.firstOffset - 1 });
        this.place = { epoch: position.epoch, offset: gap.lastOffset };
      }
      if (gap?.firstOffset === 0) this.place = position;
      else this.passTo(position);
    }
  }

  /** Nothing up to a place is missing. */
  passTo(place: LogPosition): void {
    expect(place.epoch).toBe(this.place.epoch);
    expect(place.offset).toBeGreaterThanOrEqual(this.place.offset);
    for (let offset = this.place.offset + 1; offset <= place.offset; offset += 1) {
      expect(this.wants({ epoch: place.epoch, offset }), `silence about ${offset}`).toBe(false);
    }
    this.place = place;
  }

  private wants(place: LogPosition): boolean {
    const sender = this.world.senderOf(place);
    return sender !== undefined && (this.world.receivesOwn(this.userId) || sender !== this.userId);
  }
}

/** A session, and the client behind its link. */
class Member {
  readonly session: Session;
  /** The stays in the channel, over and present, that the client has not left behind. */
  private readonly stays: Stay[] = [];
  private readonly unwritten: (() => void)[] = [];
  private received = { events: 0, results: 0 };
  private inChannel: RoomMembership | undefined;

  constructor(
    readonly userId: string,
    private readonly world: BroadcastHarness,
  ) {
    const identity = { id: userId, user: { appId: "app", userId }, epoch: 1, capabilities: new Set<never>() };
    const more = { endsAttributes: false, deviceLabel: "", client: "" };
    const token = { issuedAtMs: 0, expiresAtMs: 0, rights: TokenRights.create() };
    this.session = new Session({ ...identity, ...more }, token, world.services);
    this.attach();
  }

  get membership(): RoomMembership | undefined {
    return this.inChannel;
  }

  attach(): void {
    expect(this.session.acknowledge(this.received)).toBe(true);
    this.unwritten.length = 0;
    const send = (frame: Frame, written: () => void) => {
      this.hear(frame.bytes);
      this.unwritten.push(written);
    };
    this.session.attach({ address: "", send, end() {}, abort() {} }, new Frame([]), limits.batchDelayMs);
  }

  detach(): void {
    this.session.outbox.detach();
  }

  written(): void {
    this.unwritten.shift()?.();
  }

  acknowledge(part: number): void {
    const events = Math.round(this.received.events * part);
    expect(this.session.acknowledge({ events, results: 0 })).toBe(true);
  }

  enter(): void {
    if (this.inChannel !== undefined) return;
    const membership = new RoomMembership(this.session, channel, this.world.receivesOwn(this.userId));
    this.world.broadcast.add(membership);
    membership.open(this.world.place, []);
    this.session.memberships.set(channel.channel, membership);
    this.stays.push(new Stay(this.userId, membership, this.world));
    this.inChannel = membership;
  }

  exit(): void {
    if (this.inChannel === undefined) return;
    this.world.broadcast.remove(this.inChannel);
    this.session.memberships.delete(channel.channel);
    this.inChannel = undefined;
    const name = this.stays.at(-1)?.membership.tellMissed() ? this.world.name : "unknown";
    this.session.push(eventEntry({ $case: "channelLeft", value: { channel: name, reason: 1 } }, "departure"));
  }

  /** The client takes all that there is, and has heard everything. */
  finish(): void {
    this.attach();
    for (let left = 50; left > 0; left -= 1) {
      this.written();
      this.world.flush();
      this.acknowledge(1);
    }
    expect(this.inChannel?.tellMissed() ?? true).toBe(true);
    for (let left = 5; left > 0; left -= 1) this.written();
    this.world.flush();
    expect(this.session.outbox.size.events - this.session.outbox.size.unacknowledged).toBe(0);
    expect(this.stays.length).toBe(this.inChannel === undefined ? 0 : 1);
    this.stays[0]?.passTo(this.world.place);
  }

  private hear(frame: Uint8Array): void {
    for (const { event } of ConnectResponse.decode(frame).events) {
      this.received.events += 1;
      if (event?.$case === "channelLeft") this.leave(event.value.channel);
      else if (event !== undefined) this.stays[0]?.hear(event);
    }
  }

  /** The client hears that it has left, and where that was; "unknown" where something that was missing could not be told. */
  private leave(name: string): void {
    const stay = this.stays.shift();
    const [epoch = "", offset] = name.split("/");
    if (name !== "unknown") stay?.passTo({ epoch, offset: Number(offset) });
  }
}

export class BroadcastHarness {
  readonly broadcast = new Broadcast(limits);
  readonly services = {
    clock: createManualRuntime().clock,
    limits,
    joiner: new BatchJoiner(),
    flusher: { plan: (member: Flushable) => void this.plans.push(member), hurry: (member: Urgent) => member.flushNow() },
    observer: { onBatch() {}, onSlowConsumer() {} },
  };
  readonly members: readonly Member[];
  private readonly plans: Flushable[] = [];
  private readonly epochs: History[] = [[]];

  constructor() {
    this.members = ["ann", "bob", "cat"].map((userId) => new Member(userId, this));
    for (const member of this.members) member.enter();
  }

  /** Where the channel is. */
  get place(): LogPosition {
    return { epoch: `${this.epochs.length}`, offset: this.epochs.at(-1)?.length ?? 0 };
  }

  get name(): string {
    return `${this.place.epoch}/${this.place.offset}`;
  }

  receivesOwn(userId: string): boolean {
    return userId === "bob";
  }

  senderOf({ epoch, offset }: LogPosition): string | undefined {
    return this.epochs[Number(epoch) - 1]?.[offset - 1];
  }

  /** Users send messages that come together. */
  send(senders: readonly string[]): void {
    const { epoch, offset } = this.place;
    const messages = senders.map((sender) => {
      this.epochs.at(-1)?.push(sender);
      return { sender, message: ChannelMessage.encode(ChannelMessage.create({ channel: "room", sender })).finish() };
    });
    const place = { epoch, offset: offset + 1 };
    for (const events of placedEvents({ place, messages }, maxPartBytes)) this.broadcast.send(events);
  }

  /** Messages are lost for good. */
  lose(messages: number): void {
    for (let left = messages; left > 0; left -= 1) this.epochs.at(-1)?.push("lost");
    for (const { membership } of this.members) membership?.offerHole(this.place);
  }

  /** The log begins anew, with a message. */
  beginEpoch(sender: string): void {
    this.epochs.push([]);
    this.send([sender]);
  }

  notice(): void {
    const entry = eventEntry({ $case: "memberJoined", value: { channel: "room", userId: this.name } }, "members");
    for (const { membership } of this.members) membership?.offerNotice("dan", entry);
  }

  missMembers(): void {
    for (const { membership } of this.members) membership?.missMembers();
  }

  flush(): void {
    for (const member of this.plans.splice(0)) member.flushDue();
  }

  finish(): void {
    for (const member of this.members) member.finish();
  }
}
