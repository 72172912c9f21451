import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MembershipState, MembershipTrigger } from "../../../gen/aldis/v1/channel.js";
import { membershipStates, nextState } from "../../../gen/aldis/v1/tables/states.js";
import { ChannelCursor } from "../../../src/client/channel/cursor.js";
import { initialMembership, type Membership, stepMembership } from "../../../src/client/channel/membership.js";

const triggers = fc.array(fc.constantFrom(...Object.values(MembershipTrigger)), { maxLength: 40 });

/** Checks something for each trigger of random scripts. */
function forEachStep(
  check: (before: Membership, trigger: MembershipTrigger, step: ReturnType<typeof stepMembership>) => void,
): void {
  fc.assert(
    fc.property(triggers, (script) => {
      let membership = initialMembership;
      for (const trigger of script) {
        const step = stepMembership(membership, trigger);
        check(membership, trigger, step);
        membership = step?.membership ?? membership;
      }
    }),
  );
}

describe("the machine of a membership", () => {
  it("makes the transitions of the protocol's table only", () => {
    forEachStep((before, trigger, step) => {
      expect(step?.membership.state).toBe(nextState(membershipStates, before.state, trigger));
    });
  });

  it("asks to join whenever it begins to, and to leave once", () => {
    forEachStep((_, trigger, step) => {
      if (step === undefined) return;
      expect(step.send === "join").toBe(step.membership.state === MembershipState.JOINING);
      expect(step.send === "leave").toBe(trigger === MembershipTrigger.LEAVE);
    });
  });

  it("makes anew only what there was: a membership, or one that is being made anew", () => {
    forEachStep((before, trigger, step) => {
      if (!step?.membership.rejoining) return;
      expect(trigger).toBe(MembershipTrigger.SESSION_LOST);
      expect(before.rejoining || before.state === MembershipState.JOINED).toBe(true);
    });
  });
});

describe("the cursor of a channel", () => {
  const offsets = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 });

  it("lets each message through once, in order, and stands at the highest: no-duplicate", () => {
    fc.assert(
      fc.property(fc.nat(10), offsets, (head, arrivals) => {
        const cursor = new ChannelCursor();
        const position = { epoch: "e", offset: head };
        const answer = { position, memberCount: 1, members: [], attributes: undefined, recovery: 0 as const };
        cursor.join({ ...answer, recoveredMessages: 0, gap: undefined });

        const through = arrivals.filter((offset) => cursor.arrive(offset));

        expect(through).toEqual([...new Set(through)].sort((a, b) => a - b));
        expect(through.every((offset) => offset > head)).toBe(true);
        expect(cursor.position).toEqual({ epoch: "e", offset: Math.max(head, ...arrivals) });
      }),
    );
  });

  it("never stands behind a message of others that has not come, whatever own messages were sent", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("own", "other"), { maxLength: 40 }), fc.nat(40), (script, missing) => {
        const cursor = new ChannelCursor();
        const answer = { memberCount: 1, members: [], attributes: undefined, recovery: 0 as const, gap: undefined };
        cursor.join({ ...answer, position: { epoch: "e", offset: 0 }, recoveredMessages: 0 });
        const firstMissing = script.findIndex((kind, index) => kind === "other" && index >= missing);

        script.slice(0, firstMissing === -1 ? script.length : firstMissing).forEach((kind, index) => {
          if (kind === "own") cursor.sent({ epoch: "e", offset: index + 1 });
          else cursor.arrive(index + 1);
        });
        script.forEach((kind, index) => {
          if (kind === "own" && firstMissing !== -1 && index > firstMissing) cursor.sent({ epoch: "e", offset: index + 1 });
        });

        expect(cursor.position?.offset).toBe(firstMissing === -1 ? script.length : firstMissing);
      }),
    );
  });
});
