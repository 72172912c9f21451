import fc from "fast-check";
import { expect, it } from "vitest";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { MemoryAttributeStore } from "../../../../src/server/engine/embedded/memory-attribute-store.js";
import type { AttributeOwner, AttributeStore, AttributeTimer } from "../../../../src/server/engine/ports/attribute-store.js";
import { RedisAttributeStore } from "../../../../src/server/engine/redis/redis-attribute-store.js";
import { systemRuntime } from "../../../../src/server/runtime.js";
import { describeWithRedis, sharedRedis } from "../../../support/redis.js";
import { openRunner } from "../../../support/redis-runner.js";

const limits = { ...defaultLimits, attributesPerOwner: 3, userAttributesBytes: 12, channelAttributesBytes: 16 };
const owners: readonly AttributeOwner[] = [
  { kind: "user", key: { appId: "app", userId: "ada" } },
  { kind: "user", key: { appId: "1:", userId: "}\u0000 " } },
  { kind: "channel", key: { appId: "app", channel: "ada" } },
];

const owner = fc.nat({ max: owners.length - 1 });
const key = fc.constantFrom("a", "b", "\u00e9", "__proto__");
const value = fc.constantFrom("", "1", '" 2', "\u{1F600}");
const dueAtMs = fc.nat({ max: 50 });
const timer = fc.option(fc.record({ dueAtMs, idle: fc.boolean() }), { nil: undefined });
/** The present timer, or any. */
const expected = fc.option(timer, { nil: "present" as const, freq: 2 });

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      owner,
      replaceAll: fc.boolean(),
      set: fc.array(fc.tuple(key, value), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      remove: fc.array(key, { maxLength: 2 }),
      userId: fc.constantFrom("", "ada", "bob"),
      atMs: fc.nat(),
      expectedRevision: fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 3 }),
      timer,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("timer" as const), owner, dueAtMs, idle: fc.boolean(), expected }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("drop" as const), owner, expected }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("due" as const), nowMs: fc.nat({ max: 60 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function run(store: AttributeStore, step: Step): Promise<unknown> {
  if (step.kind === "due") return sorted(await store.due(step.nowMs, 100));
  const [owner] = owners.slice(step.owner) as [AttributeOwner];
  if (step.kind === "write") return { outcome: await store.write(owner, step), present: await store.read(owner) };
  const expected = step.expected === "present" ? (await store.read(owner)).timer : step.expected;
  const done =
    step.kind === "drop"
      ? await store.drop(owner, expected)
      : await store.setTimer(owner, { dueAtMs: step.dueAtMs, idle: step.idle }, expected);
  return { done, present: await store.read(owner) };
}

/** Those due at the same time may come in any order. */
function sorted(due: { owner: AttributeOwner; timer: AttributeTimer }[]) {
  const place = ({ owner, timer }: (typeof due)[number]) => timer.dueAtMs * 10 + owners.findIndex((one) => isSame(one, owner));
  const times = due.map(({ timer }) => timer.dueAtMs);
  return { times, due: due.toSorted((one, other) => place(one) - place(other)) };
}

function isSame(one: AttributeOwner, other: AttributeOwner): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

describeWithRedis("RedisAttributeStore", () => {
  const redis = sharedRedis();

  it("does what the store in memory does, whatever comes", async () => {
    const runner = await openRunner(redis());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
        await redis().call("FLUSHALL");
        const memory = new MemoryAttributeStore({ limits });
        const stored = new RedisAttributeStore({ runner, runtime: systemRuntime, limits });
        for (const step of steps) {
          const wanted = await run(memory, step);
          expect(await run(stored, step)).toEqual(wanted);
        }
      }),
      { numRuns: 60 },
    );
  });
});
