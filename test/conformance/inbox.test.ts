import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { DeliveryOutcome, type PeerMessage, SendConfirmation, SendPeerMessageRequest } from "../../gen/aldis/v1/message.js";
import { Capability } from "../../gen/aldis/v1/session.js";
import type { RawClient } from "../support/raw-client.js";
import { startTestNode, type TestNode } from "../support/test-node.js";

/** A message to bob that is stored if he is away. */
const toBob = (text: string, more: Partial<SendPeerMessageRequest> = {}) => ({
  $case: "sendPeerMessage" as const,
  value: SendPeerMessageRequest.create({
    receiver: "bob",
    payload: { content: { $case: "text", value: text } },
    storeIfAway: true,
    ...more,
  }),
});

const stored = { $case: "sendPeerMessage", value: { outcome: DeliveryOutcome.STORED } };
const delivered = { $case: "sendPeerMessage", value: { outcome: DeliveryOutcome.DELIVERED } };

function messagesOf({ events }: RawClient): PeerMessage[] {
  return events.flatMap((event) => (event.$case === "peerMessage" ? [event.value] : []));
}

function textsOf(client: RawClient): string[] {
  return messagesOf(client).map(({ payload }) => (payload?.content?.$case === "text" ? payload.content.value : "bytes"));
}

function receiptsOf({ events }: RawClient) {
  return events.flatMap((event) => (event.$case === "receipt" ? [event.value] : []));
}

async function acknowledge(node: TestNode, client: RawClient): Promise<void> {
  client.acknowledge();
  await node.runtime.settle();
}

describe("a message to a user without a session", () => {
  it("is answered STORED, delivered at the next login with the time of its receipt, and removed when acknowledged", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");
    const sentAtMs = node.runtime.clock.now();

    expect(await node.ask(alice, toBob("hi"))).toMatchObject(stored);
    await node.pass(5000, alice);
    const bob = await node.login("bob");
    expect(messagesOf(bob)).toMatchObject([{ sender: "alice", stored: true, serverTimeMs: sentAtMs }]);
    await acknowledge(node, bob);

    const again = await node.login("bob");
    expect(messagesOf(again)).toEqual([]);
  });

  it("no-silent-loss: comes again at the next login where the client has not acknowledged it", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");
    for (const text of ["one", "two"]) await node.ask(alice, toBob(text));
    const bob = await node.login("bob");
    bob.acknowledge({ events: 1 });
    await node.runtime.settle();

    const again = await node.login("bob");

    expect(textsOf(bob)).toEqual(["one", "two"]);
    expect(textsOf(again)).toEqual(["two"]);
  });

  it("is refused where neither the sender nor the server wants it stored", async () => {
    const { login, ask } = await startTestNode();
    const alice = await login("alice");

    for (const storeIfAway of [undefined, false]) {
      expect(await ask(alice, toBob("hi", { storeIfAway }))).toMatchObject({ value: { code: ErrorCode.PEER_UNREACHABLE } });
    }
  });

  it("is refused where the inbox takes nothing", async () => {
    const { login, ask } = await startTestNode({ inboxMessages: 0 });
    const alice = await login("alice");

    expect(await ask(alice, toBob("hi"))).toMatchObject({ value: { code: ErrorCode.PEER_UNREACHABLE } });
  });

  it("no-duplicate: a retry with the same client message id is stored once", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");

    const first = await node.ask(alice, toBob("hi", { clientMessageId: "m1" }));
    const second = await node.ask(alice, toBob("hi", { clientMessageId: "m1" }));

    expect(second).toEqual(first);
    expect(textsOf(await node.login("bob"))).toEqual(["hi"]);
  });

  it("is refused with a time that is negative or beyond the limit", async () => {
    const { login, ask } = await startTestNode({ inboxAgeMs: 1000 });
    const alice = await login("alice");

    for (const storeForMs of [-1, 1001]) {
      const refused = { code: ErrorCode.INVALID_ARGUMENT, field: "store_for_ms" };
      expect(await ask(alice, toBob("hi", { storeForMs }))).toMatchObject({ $case: "error", value: refused });
    }
  });

  it("waits for a client that takes bytes, if it has bytes, and lets the others pass", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");
    await node.ask(alice, toBob("", { payload: { content: { $case: "binary", value: Uint8Array.of(1) }, description: "" } }));
    await node.ask(alice, toBob("text"));

    const old = await node.login("bob", { capabilities: [] });
    await acknowledge(node, old);
    const present = await node.login("bob", { capabilities: [Capability.BINARY_MESSAGES] });

    expect(textsOf(old)).toEqual(["text"]);
    expect(textsOf(present)).toEqual(["bytes"]);
  });
});

describe("a message to a user whose session is silent", () => {
  it("is stored once others see the user offline, and comes behind what the session has when it is resumed", async () => {
    const node = await startTestNode();
    const [alice, bob] = [await node.login("alice"), await node.login("bob")];
    bob.cut();
    alice.call(toBob("in the queue"));
    await node.pass(40_000, alice);

    expect(await node.ask(alice, toBob("stored"))).toMatchObject(stored);
    const refused = await node.ask(alice, toBob("not to be stored", { storeIfAway: false }));
    const back = await node.resume(bob, "bob");
    const live = alice.call(toBob("live", { storeIfAway: false }));
    await acknowledge(node, back);
    await acknowledge(node, back);

    expect(refused).toMatchObject({ $case: "error", value: { code: ErrorCode.PEER_UNREACHABLE } });
    expect(textsOf(back)).toEqual(["in the queue", "stored", "live"]);
    expect(alice.resultOf(live)).toMatchObject(delivered);
    expect(textsOf(await node.login("bob"))).toEqual([]);
  });

  it("peer-order: keeps its place behind earlier ones, where the session ends without an acknowledgement", async () => {
    const node = await startTestNode();
    const [alice, bob] = [await node.login("alice"), await node.login("bob")];
    bob.cut();
    alice.call(toBob("first"));
    await node.pass(40_000, alice);
    await node.ask(alice, toBob("second"));

    const other = await node.login("bob");

    expect(textsOf(other)).toEqual(["first", "second"]);
  });

  it("true-receipt: the open call is answered STORED when the session ends", async () => {
    const node = await startTestNode();
    const [alice, bob] = [await node.login("alice"), await node.login("bob")];
    const call = alice.call(toBob("hi"));
    await node.runtime.settle();
    bob.cut();

    const other = await node.login("bob");

    expect(alice.resultOf(call)).toMatchObject(stored);
    expect(messagesOf(other)).toMatchObject([{ stored: true }]);
  });

  it("is stored where the receiver logs out without having acknowledged it", async () => {
    const node = await startTestNode();
    const [alice, bob] = [await node.login("alice"), await node.login("bob")];
    const call = alice.call(toBob("hi"));
    await node.runtime.settle();

    await node.ask(bob, { $case: "logout", value: {} });

    expect(alice.resultOf(call)).toMatchObject(stored);
    expect(textsOf(await node.login("bob"))).toEqual(["hi"]);
  });
});

describe("an inbox", () => {
  it("peer-order: a live message waits until all that is stored is in the queue", async () => {
    const node = await startTestNode({ replayBytes: 8192 });
    const alice = await node.login("alice");
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${"x".repeat(1000)}`);
    for (const text of texts) await node.ask(alice, toBob(text));

    const bob = await node.login("bob");
    alice.call(toBob("live", { storeIfAway: false }));
    await node.runtime.settle();
    expect(messagesOf(bob).length).toBeLessThan(8);
    while (messagesOf(bob).length <= texts.length) {
      const before = messagesOf(bob).length;
      await acknowledge(node, bob);
      expect(messagesOf(bob).length).toBeGreaterThan(before);
    }

    expect(textsOf(bob)).toEqual([...texts, "live"]);
  });

  it("keeps the messages of others when one sender floods it", async () => {
    const node = await startTestNode({ inboxMessages: 5 });
    const [alice, mallory] = [await node.login("alice"), await node.login("mallory")];
    await node.ask(alice, toBob("from alice"));

    for (let count = 0; count < 20; count += 1) await node.ask(mallory, toBob(`flood ${count}`));

    expect(textsOf(await node.login("bob"))).toEqual(["from alice", "flood 16", "flood 17", "flood 18", "flood 19"]);
    expect((await node.node.metrics.text()).text).toContain('aldis_inbox_lost_total{reason="full"} 16');
  });
});

describe("a receipt", () => {
  const wanted = { receiptLater: true, clientMessageId: "m1" };

  it("tells the sender when a stored message is delivered, once", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");
    const answer = await node.ask(alice, toBob("hi", wanted));
    await node.ask(alice, toBob("without"));
    const messageId = answer?.$case === "sendPeerMessage" ? answer.value.messageId : "";

    const bob = await node.login("bob");
    expect(receiptsOf(alice)).toEqual([]);
    await acknowledge(node, bob);

    const value = { messageId, clientMessageId: "m1", outcome: DeliveryOutcome.DELIVERED, receiver: "bob", reason: 0 };
    expect(receiptsOf(alice)).toEqual([value]);
  });

  it("tells of a message that was ACCEPTED, and stored when the session ended", async () => {
    const node = await startTestNode();
    const [alice, bob] = [await node.login("alice"), await node.login("bob")];
    const accepted = toBob("hi", { ...wanted, confirmation: SendConfirmation.ACCEPTED });
    expect(await node.ask(alice, accepted)).toMatchObject({ value: { outcome: DeliveryOutcome.ACCEPTED } });
    bob.cut();

    await acknowledge(node, await node.login("bob"));

    expect(receiptsOf(alice)).toMatchObject([{ clientMessageId: "m1", outcome: DeliveryOutcome.DELIVERED }]);
  });

  it("tells that the time of a stored message is over", async () => {
    const node = await startTestNode();
    const alice = await node.login("alice");
    await node.ask(alice, toBob("hi", { ...wanted, storeForMs: 10_000 }));

    await node.pass(12_000, alice);

    const expired = { clientMessageId: "m1", outcome: DeliveryOutcome.EXPIRED, reason: ErrorCode.TIMEOUT };
    expect(receiptsOf(alice)).toMatchObject([expired]);
    expect(textsOf(await node.login("bob"))).toEqual([]);
  });

  it("tells that newer messages have pushed a stored message out", async () => {
    const node = await startTestNode({ inboxMessages: 1 });
    const alice = await node.login("alice");
    await node.ask(alice, toBob("old", wanted));

    await node.ask(alice, toBob("new"));

    const expired = { clientMessageId: "m1", outcome: DeliveryOutcome.EXPIRED, reason: ErrorCode.RESOURCE_EXHAUSTED };
    expect(receiptsOf(alice)).toMatchObject([expired]);
  });
});
