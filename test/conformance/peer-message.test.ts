import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { DeliveryOutcome, SendConfirmation, SendPeerMessageRequest } from "../../gen/aldis/v1/message.js";
import { startTestNode } from "../support/test-node.js";

const toBob = (more: Partial<SendPeerMessageRequest> = {}) => ({
  $case: "sendPeerMessage" as const,
  value: SendPeerMessageRequest.create({ receiver: "bob", payload: { content: { $case: "text", value: "hi" } }, ...more }),
});

describe("peer messages", () => {
  it("true-receipt: a send is answered DELIVERED only after the receiver's client has acknowledged", async () => {
    const { login, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    const call = alice.call(toBob());
    await runtime.settle();
    expect(bob.events).toMatchObject([
      { $case: "peerMessage", value: { sender: "alice", payload: { content: { value: "hi" } }, stored: false } },
    ]);
    expect(alice.resultOf(call)).toBeUndefined();

    bob.acknowledge();
    await runtime.settle();
    expect(alice.resultOf(call)).toMatchObject({ $case: "sendPeerMessage", value: { outcome: DeliveryOutcome.DELIVERED } });
  });

  it("answers PEER_UNREACHABLE when the receiver has no session", async () => {
    const { login, runtime } = await startTestNode();
    const alice = await login("alice");

    const call = alice.call(toBob());
    await runtime.settle();

    expect(alice.resultOf(call)).toMatchObject({
      $case: "error",
      value: { code: ErrorCode.PEER_UNREACHABLE, field: "receiver" },
    });
  });

  it("answers ACCEPTED at once where the sender asks for no more", async () => {
    const { login, runtime } = await startTestNode();
    const [alice] = [await login("alice"), await login("bob")];

    const call = alice.call(toBob({ confirmation: SendConfirmation.ACCEPTED }));
    await runtime.settle();

    expect(alice.resultOf(call)).toMatchObject({ value: { outcome: DeliveryOutcome.ACCEPTED } });
  });

  it("answers TIMEOUT after 10 s without an acknowledgement", async () => {
    const { login, runtime } = await startTestNode({ silenceTimeoutMs: 300_000, presenceGraceMs: 600_000 });
    const [alice] = [await login("alice"), await login("bob")];

    const call = alice.call(toBob());
    await runtime.advanceAsync(9_999);
    expect(alice.resultOf(call)).toBeUndefined();
    await runtime.advanceAsync(1);

    expect(alice.resultOf(call)).toMatchObject({ $case: "error", value: { code: ErrorCode.TIMEOUT } });
  });

  it("no-duplicate: a retry with the same client message id is delivered once and answered alike", async () => {
    const { login, runtime } = await startTestNode();
    const [alice, bob] = [await login("alice"), await login("bob")];

    const first = alice.call(toBob({ clientMessageId: "m1" }));
    const second = alice.call(toBob({ clientMessageId: "m1" }));
    await runtime.settle();
    bob.acknowledge();
    await runtime.settle();

    expect(bob.events).toHaveLength(1);
    expect(alice.resultOf(second)).toEqual(alice.resultOf(first));
    expect(alice.resultOf(first)).toMatchObject({ value: { outcome: DeliveryOutcome.DELIVERED } });
  });
});
