import fc from "fast-check";
import { expect, it } from "vitest";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { MemoryInbox } from "../../../../src/server/engine/embedded/memory-inbox.js";
import type { Inbox, InboxMessage } from "../../../../src/server/engine/ports/inbox.js";
import { RedisInbox } from "../../../../src/server/engine/redis/redis-inbox.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { describeWithRedis, sharedRedis } from "../../../support/redis.js";
import { openRunner } from "../../../support/redis-runner.js";

const limits = { ...defaultLimits, inboxMessages: 4 };
const users = ["ada", "b} b", "\u{1F600}"].map((userId) => ({ appId: "app", userId }));
const user = fc.nat({ max: users.length - 1 });

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      user,
      messageId: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
      sender: fc.constantFrom("x", "y\nz", ""),
      receiptLater: fc.boolean(),
      ageMs: fc.nat({ max: 5_000 }),
      bytes: fc.uint8Array({ maxLength: 20 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("read" as const), user, after: fc.nat({ max: 9 }), limit: fc.nat({ max: 5 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("acknowledge" as const), user, chosen: fc.array(fc.nat({ max: 9 })) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("expire" as const), limit: fc.nat({ max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1, 500, 3_000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One inbox, whose sequences are told by the order in which they were seen. */
class Told {
  private readonly seen: number[][] = users.map(() => []);

  constructor(
    private readonly inbox: Inbox,
    private readonly now: () => number,
  ) {}

  async run(step: Step, index: number): Promise<unknown> {
    if (step.kind === "pass") return undefined;
    if (step.kind === "expire") return this.inbox.expire(this.now(), step.limit);
    const user = users[step.user] ?? { appId: "", userId: "" };
    const seen = this.seen[step.user] ?? [];
    const sequenceOf = (place: number) => seen[place] ?? 0;
    if (step.kind === "acknowledge") return this.inbox.acknowledge(user, step.chosen.map(sequenceOf));
    if (step.kind === "read") {
      const page = await this.inbox.read(user, sequenceOf(step.after), step.limit);
      return { page: page.map((one) => this.placed(one, seen)), all: await this.all(step.user) };
    }
    const { messageId, sender, receiptLater, ageMs, bytes: message } = step;
    // No two expire at the same time.
    const expiresAtMs = this.now() + ageMs + index / 1000;
    const stored = { messageId, sender, receiptLater, expiresAtMs, message, clientMessageId: `client ${index}` };
    return { dropped: (await this.inbox.append(user, stored)).dropped, all: await this.all(step.user) };
  }

  private async all(index: number) {
    const seen = this.seen[index] ?? [];
    const messages = await this.inbox.read(users[index] ?? { appId: "", userId: "" }, 0, 100);
    return messages.map((one) => this.placed(one, seen));
  }

  private placed(message: InboxMessage, seen: number[]) {
    if (!seen.includes(message.sequence)) seen.push(message.sequence);
    return { ...message, message: [...message.message], sequence: seen.indexOf(message.sequence) };
  }
}

describeWithRedis("RedisInbox", () => {
  const redis = sharedRedis();

  it("does what the inbox in memory does, whatever comes", async () => {
    let time = () => 0;
    const runner = await openRunner(redis(), () => time());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50, size: "max" }), async (steps) => {
        const { clock, advance } = createManualRuntime();
        time = clock.now;
        await redis().call("FLUSHALL");
        const inboxes = [new MemoryInbox({ clock, limits }), new RedisInbox({ runner, limits })];
        const told = inboxes.map((inbox) => new Told(inbox, clock.now));
        for (const [index, step] of steps.entries()) {
          if (step.kind === "pass") advance(step.ms);
          const [memory, stored] = await Promise.all(told.map((one) => one.run(step, index)));
          expect(stored).toEqual(memory);
        }
      }),
      { numRuns: 60 },
    );
  });
});
