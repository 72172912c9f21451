import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChannelMessage } from "../../../../gen/aldis/v1/history.js";
import { MemoryBus } from "../../../../src/server/engine/embedded/memory-bus.js";
import type { Bus } from "../../../../src/server/engine/ports/bus.js";
import { type ChannelNews, channelTopic } from "../../../../src/server/engine/ports/channel-topic.js";
import type { Topic } from "../../../../src/server/engine/ports/topic.js";
import { Hub } from "../../../../src/server/fanout/hub.js";
import type { RoomMembership } from "../../../../src/server/fanout/room-membership.js";
import { QueuedSession } from "../../../support/queued-session.js";
import { roomServices } from "../../../support/room-services.js";

const channel = { appId: "app", channel: "room" };
const topic = channelTopic(channel);
const head = { epoch: "one", offset: 0 };

/** A bus that counts its subscriptions, and can fail. */
class WatchedBus implements Bus {
  readonly log: string[] = [];
  failing = false;
  private readonly bus = new MemoryBus();

  publish<Message>(to: Topic<Message>, message: Message): Promise<void> {
    return this.bus.publish(to, message);
  }

  async subscribe<Message>(to: Topic<Message>, listener: (message: Message) => void) {
    if (this.failing) throw new Error("the bus is down");
    this.log.push(`subscribe ${to.name}`);
    const subscription = await this.bus.subscribe(to, listener);
    return {
      end: async () => {
        this.log.push(`end ${to.name}`);
        await subscription.end();
      },
    };
  }
}

let bus: WatchedBus;
let failures: unknown[];
let hub: Hub;
let alice: QueuedSession;
let bob: QueuedSession;

beforeEach(() => {
  bus = new WatchedBus();
  failures = [];
  hub = new Hub(roomServices(bus, (failure) => failures.push(failure)));
  [alice, bob] = [new QueuedSession("alice"), new QueuedSession("bob")];
});

afterEach(() => expect(failures).toEqual([]));

async function enter(session: QueuedSession, { receiveOwn = false, room = channel } = {}): Promise<RoomMembership> {
  const membership = await hub.enter(session, room, { receiveOwn });
  membership.open(head, []);
  return membership;
}

const publish = (news: ChannelNews) => bus.publish(topic, news);

const channelMessage = (sender: string) => ChannelMessage.encode(ChannelMessage.create({ channel: "room", sender })).finish();

function say(sender: string, offset: number, epoch = "one"): Promise<void> {
  const messages = [{ sender, message: channelMessage(sender) }];
  return publish({ $case: "messages", value: { place: { epoch, offset }, messages } });
}

const heard = (session: QueuedSession) =>
  session.events.map((event) => (event.$case === "channelMessage" ? event.value.offset : event.$case));

describe("Hub", () => {
  it("listens to a channel while it has a member: from the first to the last", async () => {
    const first = await enter(alice);
    const second = await enter(bob);
    hub.exit(first);
    await nextTurn();
    const afterOne = [...bus.log];
    hub.exit(second);
    await nextTurn();

    expect(afterOne).toEqual([`subscribe ${topic.name}`]);
    expect(bus.log).toEqual([`subscribe ${topic.name}`, `end ${topic.name}`]);
  });

  it("listens anew when somebody enters again", async () => {
    hub.exit(await enter(alice));
    await nextTurn();
    await enter(alice);
    await say("bob", 1);

    expect(bus.log).toEqual([`subscribe ${topic.name}`, `end ${topic.name}`, `subscribe ${topic.name}`]);
    expect(heard(alice)).toEqual([1]);
  });

  it("brings a message to every member but its sender, who gets it only if it asked for its own", async () => {
    const carol = new QueuedSession("carol");
    await enter(alice);
    await enter(bob);
    await enter(carol, { receiveOwn: true });

    await say("alice", 1);
    await say("carol", 2);

    expect([heard(alice), heard(bob), heard(carol)]).toEqual([[2], [1, 2], [1, 2]]);
  });

  it("begins anew with a new epoch of the channel's log, and tells that what was before is missing: no-silent-loss", async () => {
    await enter(alice);
    await say("bob", 1);
    await say("bob", 2);
    await say("bob", 1, "two");

    expect(heard(alice)).toEqual([1, 2, "channelGap", 1]);
    expect(alice.events[2]?.value).toMatchObject({
      gap: { firstOffset: 0, lastOffset: 0 },
      position: { epoch: "two", offset: 0 },
    });
  });

  it("tells members of joins and leaves, and nobody of its own", async () => {
    await enter(alice);
    await enter(bob);

    await publish({ $case: "memberJoined", value: { channel: "room", userId: "bob" } });
    await publish({ $case: "memberLeft", value: { channel: "room", userId: "alice", reason: 1 } });

    expect([heard(alice), heard(bob)]).toEqual([["memberJoined"], ["memberLeft"]]);
  });

  it("brings nothing of another app's channel of the same name: isolation", async () => {
    await enter(alice, { room: { appId: "other", channel: "room" } });

    await say("bob", 1);

    expect(heard(alice)).toEqual([]);
  });

  it("brings nothing more to a session that has left", async () => {
    await enter(bob);
    hub.exit(await enter(alice));

    await say("carol", 1);

    expect([heard(alice), heard(bob)]).toEqual([[], [1]]);
  });

  it("leaves nothing behind when it cannot listen, so that the next to enter listens anew", async () => {
    bus.failing = true;
    const failed = await Promise.allSettled([enter(alice), enter(bob)]);
    bus.failing = false;
    expect(failures.splice(0)).toEqual([new Error("the bus is down")]);
    await enter(alice);
    await say("bob", 1);

    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(bus.log).toEqual([`subscribe ${topic.name}`]);
    expect(heard(alice)).toEqual([1]);
  });

  it("brings the messages that were stored together one by one, each at its place", async () => {
    const messages = ["bob", "alice", "bob"].map((sender) => ({ sender, message: channelMessage(sender) }));
    await enter(alice);
    await enter(bob, { receiveOwn: true });

    await publish({ $case: "messages", value: { place: { epoch: "one", offset: 1 }, messages } });
    await say("carol", 4);

    expect(heard(alice)).toEqual([1, 3, 4]);
    expect(heard(bob)).toEqual([1, 2, 3, 4]);
  });
});
