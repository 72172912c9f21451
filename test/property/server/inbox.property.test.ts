import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeliveryOutcome, SendPeerMessageRequest } from "../../../gen/aldis/v1/message.js";
import type { RawClient } from "../../support/raw-client.js";
import { startTestNode, type TestNode } from "../../support/test-node.js";

type Step =
  | { readonly kind: "send"; readonly store: boolean }
  | { readonly kind: "login" | "resume" | "cut" | "logout" | "acknowledge" }
  | { readonly kind: "pass"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant("send" as const), store: fc.boolean() }), weight: 5 },
  {
    arbitrary: fc.record({ kind: fc.constantFrom("login" as const, "resume", "cut", "logout", "acknowledge") }),
    weight: 5,
  },
  { arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(5_000, 35_000, 130_000) }), weight: 2 },
);

/** One sender, and a receiver whose sessions come, break, and go. */
class Script {
  /** What the receiver's application was told, in order: like the client, it takes no message id twice. */
  readonly heard: number[] = [];
  readonly calls: number[] = [];
  private readonly seen = new Set<string>();
  private eventsRead = 0;
  private bob: RawClient | undefined;

  constructor(
    private readonly node: TestNode,
    private readonly alice: RawClient,
  ) {}

  async run(step: Step): Promise<void> {
    const { node, alice, bob } = this;
    if (step.kind === "send") this.send(step.store);
    else if (step.kind === "pass") await node.pass(step.ms, ...(bob?.closed === false ? [alice, bob] : [alice]));
    else if (step.kind === "login") this.use(await node.login("bob"));
    else if (step.kind === "resume" && bob !== undefined) this.use(await node.resume(bob, "bob"));
    else if (step.kind === "cut") bob?.cut();
    else if (step.kind === "logout") bob?.call({ $case: "logout", value: {} });
    else if (step.kind === "acknowledge") bob?.acknowledge();
    await node.runtime.settle();
    this.hear();
  }

  /** The numbers of the messages whose sender heard an outcome. */
  answered(outcome: DeliveryOutcome): number[] {
    return this.calls.flatMap((call, number) => {
      const answer = this.alice.resultOf(call);
      return answer?.$case === "sendPeerMessage" && answer.value.outcome === outcome ? [number] : [];
    });
  }

  private send(storeIfAway: boolean): void {
    const payload = { content: { $case: "text" as const, value: String(this.calls.length) } };
    const value = SendPeerMessageRequest.create({ receiver: "bob", payload, storeIfAway });
    this.calls.push(this.alice.call({ $case: "sendPeerMessage", value }));
  }

  private use(client: RawClient): void {
    this.bob = client;
    this.eventsRead = 0;
  }

  private hear(): void {
    const { bob } = this;
    for (const event of bob?.events.slice(this.eventsRead) ?? []) {
      if (event.$case !== "peerMessage" || this.seen.has(event.value.messageId)) continue;
      this.seen.add(event.value.messageId);
      const { content } = event.value.payload ?? {};
      this.heard.push(content?.$case === "text" ? Number(content.value) : Number.NaN);
    }
    this.eventsRead = bob?.events.length ?? 0;
  }
}

const isRising = (numbers: readonly number[]) =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));

describe("the inbox", () => {
  it("peer-order, no-silent-loss: whatever the receiver does, messages come in order, and none that was confirmed is lost", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
        const node = await startTestNode({ logins: 1000 });
        const script = new Script(node, await node.login("alice"));

        for (const next of steps) await script.run(next);
        // Time for what is still open, and a last session that hears everything.
        await script.run({ kind: "pass", ms: 130_000 });
        await script.run({ kind: "login" });
        await script.run({ kind: "acknowledge" });

        expect(script.heard).toSatisfy(isRising);
        const confirmed = [DeliveryOutcome.STORED, DeliveryOutcome.DELIVERED].flatMap((outcome) => script.answered(outcome));
        expect(script.heard).toEqual(expect.arrayContaining(confirmed));
        await node.node.close();
      }),
      { numRuns: 150 },
    );
  });
});
