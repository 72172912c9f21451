import { describe, expect, it } from "vitest";
import { AttributeChange } from "../../../../gen/aldis/v1/attribute.js";
import { ChannelMessage } from "../../../../gen/aldis/v1/history.js";
import { eventEntry } from "../../../../src/server/event-entry.js";
import { RoomMembership } from "../../../../src/server/fanout/room-membership.js";
import { messageEntry } from "../../../support/message-entry.js";
import { QueuedSession } from "../../../support/queued-session.js";

const channel = { appId: "app", channel: "room" };
const message = ChannelMessage.encode(ChannelMessage.create({ channel: "room", sender: "bob" })).finish();
const notice = eventEntry({ $case: "memberJoined", value: { channel: "room", userId: "carol" } }, "members");
const head = { epoch: "one", offset: 0 };

function membershipOf(session: QueuedSession): RoomMembership {
  return new RoomMembership(session, channel, false);
}

function offer(membership: RoomMembership, offset: number, sender = "bob", epoch = "one"): void {
  membership.offerMessage({ epoch, offset }, sender, messageEntry(message, offset));
}

/** Offsets of messages, and the first and last offset of gaps. */
function heard({ events }: QueuedSession) {
  return events.map((event) => {
    if (event.$case === "channelMessage") return event.value.offset;
    if (event.$case !== "channelGap") return event.$case;
    const { gap, membersChanged, position } = event.value;
    return { gap: gap && [gap.firstOffset, gap.lastOffset], membersChanged, at: position?.offset };
  });
}

const attributes = (revision: number) => {
  const value = { channel: "room", change: AttributeChange.create({ revision }) };
  return eventEntry({ $case: "channelAttributes", value }, "attributes");
};
const count = (memberCount: number) => eventEntry({ $case: "memberCount", value: { channel: "room", memberCount } }, "members");

describe("RoomMembership, of state that is conflated,", () => {
  it("keeps only the newest change of the attributes while the queue is full", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open(head, []);

    session.room = 0;
    membership.offerAttributes(attributes(1));
    membership.offerAttributes(attributes(2));
    session.room = 10;
    const told = membership.tellMissed();

    expect(told).toBe(true);
    expect(session.events).toMatchObject([{ $case: "channelAttributes", value: { change: { revision: 2 } } }]);
  });

  it("has one number of members in the queue at most, and none that the client knows", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open(head, []);

    const offered = [1, 1, 2].map((members) => membership.offerCount(members, count(members)));
    session.senders[0]?.();
    const last = membership.offerCount(2, count(2));

    expect([...offered, last]).toEqual([true, true, false, true]);
    expect(session.events).toMatchObject([{ value: { memberCount: 1 } }, { value: { memberCount: 2 } }]);
  });

  it("offers a number again that the full queue has refused", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open(head, []);
    session.room = 0;

    const refused = membership.offerCount(1, count(1));
    session.room = 10;

    expect([refused, membership.offerCount(1, count(1))]).toEqual([false, true]);
  });
});

describe("RoomMembership", () => {
  it("holds what comes until it is open, and then begins with what was recovered", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    offer(membership, 3);
    offer(membership, 4);
    const before = heard(session);

    membership.open(
      { epoch: "one", offset: 3 },
      [2, 3].map((offset) => ({ offset, sender: "bob", message })),
    );

    expect(before).toEqual([]);
    expect(heard(session)).toEqual([2, 3, 4]);
  });

  it("tells at once what came above the number that it can hold, messages and notices: no-silent-loss", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    for (let offset = 1; offset <= 1002; offset += 1) offer(membership, offset);
    membership.offerNotice("carol", notice);
    const early = membership.tellMissed();

    membership.open(head, []);

    expect(early).toBe(false);
    const [first, ...messages] = heard(session);
    const gap = messages.pop();
    expect(first).toEqual({ gap: undefined, membersChanged: true, at: 0 });
    expect(messages).toEqual(messages.map((_, i) => i + 1));
    expect(gap).toEqual({ gap: [messages.length + 1, 1002], membersChanged: false, at: 1002 });
  });

  it("tells of what was lost behind the last message, although no other follows: no-silent-loss", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open(head, []);
    session.room = 1;
    offer(membership, 1);
    offer(membership, 2);
    const full = heard(session);

    session.room = 1;
    const told = membership.tellMissed();

    expect(full).toEqual([1]);
    expect(told).toBe(true);
    expect(heard(session)).toEqual([1, { gap: [2, 2], membersChanged: false, at: 2 }]);
  });

  it("tells of a hole in front of a message of its own, which it does not hear", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open(head, []);

    offer(membership, 3, "alice");

    expect(heard(session)).toEqual([{ gap: [1, 2], membersChanged: false, at: 2 }]);
  });

  it("tells only that members changed where no message is missing", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open({ epoch: "one", offset: 7 }, []);
    session.room = 0;
    membership.offerNotice("carol", notice);
    session.room = 2;
    membership.offerNotice("carol", notice);

    expect(heard(session)).toEqual([{ gap: undefined, membersChanged: true, at: 7 }, "memberJoined"]);
  });

  it("tells nothing as long as there is no room, and nothing twice", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open(head, []);
    session.room = 0;
    offer(membership, 1);
    const told = [membership.tellMissed()];
    session.room = 5;
    told.push(membership.tellMissed(), membership.tellMissed());

    expect(told).toEqual([false, true, true]);
    expect(heard(session)).toEqual([{ gap: [1, 1], membersChanged: false, at: 1 }]);
  });

  it("goes on with a new epoch behind a gap that nobody can count, whatever was missing before: no-silent-loss", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open({ epoch: "one", offset: 7 }, []);
    session.room = 0;
    offer(membership, 8);
    offer(membership, 2, "bob", "two");
    offer(membership, 3, "bob", "two");
    session.room = 5;
    offer(membership, 4, "bob", "two");

    expect(heard(session)).toEqual([{ gap: [0, 0], membersChanged: false, at: 3 }, 4]);
  });

  it("drops what it has, and not what a new epoch gives the same offset", () => {
    const session = new QueuedSession("alice");
    const membership = membershipOf(session);
    membership.open({ epoch: "one", offset: 7 }, []);
    offer(membership, 7);
    offer(membership, 1, "bob", "two");

    expect(heard(session)).toEqual([{ gap: [0, 0], membersChanged: false, at: 0 }, 1]);
  });
});
