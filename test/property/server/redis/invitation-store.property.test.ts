import fc from "fast-check";
import { expect, it } from "vitest";
import { Invitation, InvitationState } from "../../../../gen/aldis/v1/invitation.js";
import { invitationStates } from "../../../../gen/aldis/v1/tables/states.js";
import { MemoryInvitationStore } from "../../../../src/server/engine/embedded/memory-invitation-store.js";
import type { InvitationStore, StoredInvitation } from "../../../../src/server/engine/ports/invitation-store.js";
import { RedisInvitationStore } from "../../../../src/server/engine/redis/redis-invitation-store.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { describeWithRedis, sharedRedis } from "../../../support/redis.js";
import { openRunner } from "../../../support/redis-runner.js";

const app = fc.constantFrom("app", "1:app");
const id = fc.constantFrom("i", "j", "k", "}\u0000");
const user = fc.constantFrom("ada", "ad", "3:ada");
const states = [
  InvitationState.SENT,
  InvitationState.RECEIVED,
  InvitationState.ACCEPTED,
  InvitationState.REFUSED,
  InvitationState.ENDED,
];
/** 0 for none. */
const dueInMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5_000 }));

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("create" as const),
      app,
      id,
      caller: user,
      callee: user,
      uniqueKey: fc.constantFrom("", "key", "other"),
      dueInMs,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("replace" as const),
      app,
      id,
      state: fc.constantFrom(...states),
      dueInMs,
      isLate: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("live" as const), app, user }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("due" as const), limit: fc.nat({ max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("forget" as const), ageMs: fc.constantFrom(-1, 0, 1_000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1, 500, 3_000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const patience = { offlineMs: 1, receiveMs: 2, answerMs: 3 };

function created({ app, id, caller, callee, uniqueKey }: Extract<Step, { kind: "create" }>, dueAtMs: number): StoredInvitation {
  const fields = { invitationId: id, version: 1, state: InvitationState.SENT, caller, callee, content: id };
  return { appId: app, invitation: Invitation.fromPartial(fields), dueAtMs, uniqueKey, patience };
}

/** The next version; what has ended stays ended. */
function changed({ invitation, ...stored }: StoredInvitation, state: InvitationState, dueAtMs: number): StoredInvitation {
  const { version } = invitation;
  const next = invitationStates[invitation.state].terminal ? invitation.state : state;
  return { ...stored, invitation: { ...invitation, state: next, version: version + 1 }, dueAtMs };
}

async function run(store: InvitationStore, step: Step, nowMs: number, index: number): Promise<unknown> {
  switch (step.kind) {
    case "live":
      return store.live(step.app, step.user);
    case "due":
      return store.due(nowMs, step.limit);
    case "forget":
      return store.forgetEnded(nowMs - step.ageMs, 100);
    case "pass":
      return undefined;
    default:
      return change(store, step, step.dueInMs === 0 ? 0 : nowMs + step.dueInMs + index / 1000);
  }
}

/** No two of the times are the same. */
async function change(store: InvitationStore, step: Extract<Step, { kind: "create" | "replace" }>, dueAtMs: number) {
  const { app, id } = step;
  if (step.kind === "create") return [await store.create(created(step, dueAtMs)), await store.find(app, id)];
  const present = await store.find(app, id);
  const next = present ? changed(present, step.state, dueAtMs) : created({ ...unknown, app, id }, 0);
  const expected = next.invitation.version - (step.isLate ? 2 : 1);
  return [await store.replace(next, expected), await store.find(app, id)];
}

const unknown = { kind: "create", caller: "ada", callee: "ad", uniqueKey: "key", dueInMs: 0 } as const;

describeWithRedis("RedisInvitationStore", () => {
  const redis = sharedRedis();

  it("does what the store in memory does, whatever comes", async () => {
    let time = () => 0;
    const runner = await openRunner(redis(), () => time());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50, size: "max" }), async (steps) => {
        const { clock, advance } = createManualRuntime();
        time = clock.now;
        await redis().call("FLUSHALL");
        const stores = [new MemoryInvitationStore({ clock }), new RedisInvitationStore({ runner })];
        for (const [index, step] of steps.entries()) {
          if (step.kind === "pass") advance(step.ms);
          const [memory, stored] = await Promise.all(stores.map((store) => run(store, step, clock.now(), index)));
          expect(stored).toEqual(memory);
        }
      }),
      { numRuns: 60 },
    );
  });
});
