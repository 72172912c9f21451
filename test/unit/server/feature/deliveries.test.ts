import { beforeEach, describe, expect, it } from "vitest";
import { type DeliveryReport, DeliveryStatus, NodeMessage, type PeerDelivery } from "../../../../gen/aldis/node/v1/node.js";
import { PeerMessage } from "../../../../gen/aldis/v1/message.js";
import { Capability } from "../../../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../../../src/server/engine/embedded/embedded-engine.js";
import { Deliveries } from "../../../../src/server/feature/deliveries.js";
import { PeerFeed } from "../../../../src/server/feature/inbox/peer-feed.js";
import { Unfinished } from "../../../../src/server/feature/unfinished.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { QueuedSession } from "../../../support/queued-session.js";

const bob = { appId: "app", userId: "bob" };
const entry = { sessionId: "one", nodeId: "other", epoch: 4 };
const hello = PeerMessage.create({ sender: "alice", payload: { content: { $case: "text", value: "hello" } } });
const bytes = PeerMessage.create({ sender: "alice", payload: { content: { $case: "binary", value: new Uint8Array(3) } } });

let deliveries: Deliveries;
let receiver: QueuedSession;
/** What was sent to each node. */
let sent: { to: string; action: NodeMessage["action"] }[];
let failures: unknown[];
/** What became of the messages that were handed over, as whoever watches hears it. */
let lastWords: DeliveryStatus[];
let mailFails: boolean;

const { settle } = createManualRuntime();

beforeEach(async () => {
  [sent, failures, mailFails] = [[], [], false];
  receiver = new QueuedSession("bob");
  const runtime = createManualRuntime();
  const engine = createEmbeddedEngine({ runtime, limits: defaultLimits });
  const nodes = {
    ...engine.nodes,
    async send(to: string, message: Uint8Array) {
      if (mailFails) throw new Error("the mail is down");
      sent.push({ to, action: NodeMessage.decode(message).action });
      return to !== "fallen";
    },
  };
  const find = (user: { userId: string }) => (user.userId === "bob" ? receiver : undefined);
  const report = (failure: unknown) => failures.push(failure);
  const unfinished = new Unfinished(runtime.clock, report);
  const { inbox } = engine;
  const { clock } = runtime;
  const services = { inbox, clock, limits: defaultLimits, acknowledged: async () => {}, unfinished, report };
  const feed = new PeerFeed(receiver, services);
  feed.onNews();
  lastWords = [];
  const observe = (settled: Promise<DeliveryStatus>) => void settled.then((status) => lastWords.push(status));
  deliveries = new Deliveries({ ...engine, nodes }, "here", find, () => feed, unfinished, report, observe);
  await runtime.settle();
});

function reports(): DeliveryStatus[] {
  return sent.flatMap(({ to, action }) => (to === "asking" && action?.$case === "report" ? [action.value.status] : []));
}

function asked(message: PeerMessage | undefined, more: Partial<PeerDelivery> = {}): PeerDelivery {
  return { appId: "app", receiver: "bob", epoch: 1, message, replyTo: "asking", deliveryId: 7, ...more };
}

const report = (deliveryId: number, status: DeliveryStatus): DeliveryReport => ({ deliveryId, status });

describe("Deliveries, asking another node,", () => {
  it("hand the message to the receiver's node, with a number for each", async () => {
    await deliveries.deliver(bob, entry, hello);
    await deliveries.deliver(bob, entry, hello);

    const value = { appId: "app", receiver: "bob", epoch: 4, message: hello, replyTo: "here" };
    expect(sent).toEqual(
      [1, 2].map((deliveryId) => ({ to: "other", action: { $case: "delivery", value: { ...value, deliveryId } } })),
    );
  });

  it("tell first that it is queued, and then how it ended", async () => {
    const { queued, settled } = await deliveries.deliver(bob, entry, hello);
    deliveries.onReport(report(1, DeliveryStatus.QUEUED));
    deliveries.onReport(report(1, DeliveryStatus.ACKNOWLEDGED));

    expect(await Promise.all([queued, settled])).toEqual([DeliveryStatus.QUEUED, DeliveryStatus.ACKNOWLEDGED]);
    expect(lastWords).toEqual([DeliveryStatus.ACKNOWLEDGED]);
  });

  it("tell the last word twice where it is the only one", async () => {
    const { queued, settled } = await deliveries.deliver(bob, entry, hello);
    deliveries.onReport(report(1, DeliveryStatus.GONE));

    expect(await Promise.all([queued, settled])).toEqual([DeliveryStatus.GONE, DeliveryStatus.GONE]);
  });

  it("tell at once that the session is gone where its node has fallen", async () => {
    const { queued, settled } = await deliveries.deliver(bob, { ...entry, nodeId: "fallen" }, hello);

    expect(await Promise.all([queued, settled])).toEqual([DeliveryStatus.GONE, DeliveryStatus.GONE]);
  });

  it("tell that the client may have had it where its node falls without a word: true-receipt", async () => {
    const { queued, settled } = await deliveries.deliver(bob, entry, hello);
    deliveries.onNodes(["here", "other"]);
    deliveries.onNodes(["here"]);
    expect(lastWords).toEqual([]);
    deliveries.onNodes(["here"]);

    expect(await Promise.all([queued, settled])).toEqual([DeliveryStatus.QUEUED, DeliveryStatus.GONE]);
  });

  it("ignore a report that comes again or is of a delivery that they do not know", async () => {
    const first = await deliveries.deliver(bob, entry, hello);
    const second = await deliveries.deliver(bob, entry, hello);
    deliveries.onReport(report(1, DeliveryStatus.ACKNOWLEDGED));
    deliveries.onReport(report(1, DeliveryStatus.GONE));
    deliveries.onReport(report(99, DeliveryStatus.GONE));
    deliveries.onReport(report(2, DeliveryStatus.INCOMPATIBLE));

    expect([await first.settled, await second.settled]).toEqual([DeliveryStatus.ACKNOWLEDGED, DeliveryStatus.INCOMPATIBLE]);
  });

  it("fail where the mail fails, and go on with the next", async () => {
    mailFails = true;
    await expect(deliveries.deliver(bob, entry, hello)).rejects.toThrow("the mail is down");
    mailFails = false;
    const next = await deliveries.deliver(bob, entry, hello);
    deliveries.onReport(report(2, DeliveryStatus.ACKNOWLEDGED));

    expect(await next.settled).toBe(DeliveryStatus.ACKNOWLEDGED);
  });
});

describe("Deliveries, asked by another node,", () => {
  it("queue the message, and report that and what becomes of it: true-receipt", () => {
    deliveries.onDelivery(asked(hello));
    const before = reports();
    receiver.settlers[0]?.("acknowledged");

    expect(receiver.events).toEqual([{ $case: "peerMessage", value: hello }]);
    expect(before).toEqual([DeliveryStatus.QUEUED]);
    expect(reports()).toEqual([DeliveryStatus.QUEUED, DeliveryStatus.ACKNOWLEDGED]);
  });

  it("report that the session is gone when it ends with the message in its queue", () => {
    deliveries.onDelivery(asked(hello));
    receiver.settlers[0]?.("ended");

    expect(reports()).toEqual([DeliveryStatus.QUEUED, DeliveryStatus.GONE]);
  });

  it("report only that the queue is full when it is", () => {
    receiver.room = 0;

    deliveries.onDelivery(asked(hello));

    expect(reports()).toEqual([DeliveryStatus.FULL]);
  });

  it.each([
    ["the receiver is not here", asked(hello, { receiver: "carol" })],
    ["the session is older than the one that is meant", asked(hello, { epoch: 2 })],
    [
      "the session is newer than the one that is meant, which may have earlier messages: peer-order",
      asked(hello, { epoch: 0 }),
    ],
    ["there is no message", asked(undefined)],
  ])("report that it is gone when %s", (_, delivery) => {
    deliveries.onDelivery(delivery);

    expect(reports()).toEqual([DeliveryStatus.GONE]);
    expect(receiver.events).toEqual([]);
  });

  it("bring bytes only to a client that takes them", () => {
    deliveries.onDelivery(asked(bytes));
    receiver.capabilities.add(Capability.BINARY_MESSAGES);
    deliveries.onDelivery(asked(bytes));

    expect(reports()).toEqual([DeliveryStatus.INCOMPATIBLE, DeliveryStatus.QUEUED]);
    expect(receiver.events).toHaveLength(1);
  });

  it("report to the operator that a report could not be sent", async () => {
    mailFails = true;

    deliveries.onDelivery(asked(hello));
    await settle();

    expect(failures).toEqual([new Error("the mail is down")]);
  });
});
