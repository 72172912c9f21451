import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Invitation, InvitationState, type InvitationTrigger } from "../../../gen/aldis/v1/invitation.js";
import { invitationStates, invitationViews, type StateRule } from "../../../gen/aldis/v1/tables/states.js";
import { calleeSide, callerSide, project, type Side } from "../../../src/client/invitation/projection.js";
import { createConnectedClient } from "../../support/scripted-client.js";

/** The versions of one invitation, from `SENT` along the transitions of the protocol's table. */
const histories: fc.Arbitrary<Invitation[]> = fc.array(fc.nat(), { maxLength: 5 }).map((choices) => {
  let state: InvitationState = InvitationState.SENT;
  const states: InvitationState[] = [state];
  for (const choice of choices) {
    const rule: StateRule<InvitationState, InvitationTrigger> = invitationStates[state];
    if (rule.terminal) break;
    state = rule.transitions[choice % rule.transitions.length]?.to ?? state;
    states.push(state);
  }
  return states.map((state, index) => Invitation.create({ invitationId: "i1", version: index + 1, state }));
});

/** What of a history reaches a client: in any order, some of it more than once, some of it never. */
const deliveries = histories.chain((history) => fc.array(fc.constantFrom(...history), { minLength: 1, maxLength: 12 }));

const sides: [string, Side<number>, "caller" | "callee"][] = [
  ["caller", callerSide, "caller"],
  ["callee", calleeSide, "callee"],
];

describe.each(sides)("what the %s is told of an invitation", (_, side, role) => {
  const terminal = ["refused", "cancelled", "failed", "ended"];

  /** Plays versions; gives the names of all that is told, and what is known at the end. */
  function play(versions: readonly Invitation[]): { names: string[]; states: number[]; known: Invitation } {
    let known = Invitation.create();
    const names: string[] = [];
    const states: number[] = [];
    for (const version of versions) {
      const news = project(side, known, version);
      if (news === undefined) continue;
      known = version;
      for (const item of news) {
        names.push(item.name);
        if (item.name === "stateChanged") states.push(item.event.state);
      }
    }
    return { names, states, known };
  }

  it("has nothing after the end, and nothing twice", () => {
    fc.assert(
      fc.property(deliveries, (versions) => {
        const milestones = play(versions).names.filter((name) => name !== "stateChanged");

        expect(new Set(milestones).size).toBe(milestones.length);
        const end = milestones.findIndex((name) => terminal.includes(name));
        if (end >= 0) expect(end).toBe(milestones.length - 1);
      }),
    );
  });

  it("ends in the state of the highest version that came", () => {
    fc.assert(
      fc.property(deliveries, (versions) => {
        const { known, states } = play(versions);
        const highest = versions.reduce((one, other) => (other.version > one.version ? other : one));

        expect(known).toBe(highest);
        expect(project(side, known, known)).toBeUndefined();
        expect(states.at(-1)).toBe(invitationViews[highest.state][role]);
        expect(states.every((state, index) => state !== states[index - 1])).toBe(true);
      }),
    );
  });

  it("is the same whether or not the versions before an answer or the end of a call are lost", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const last = history.at(-1) ?? Invitation.create();
        // These do not say what came before them.
        fc.pre(last.state !== InvitationState.CANCELED && last.state !== InvitationState.FAILED);
        const milestones = (versions: Invitation[]) => play(versions).names.filter((name) => name !== "stateChanged");

        expect(milestones([last])).toEqual(milestones(history));
      }),
    );
  });
});

describe("a client at which an invitation rings", () => {
  it("rings once if what comes first is ringing, and never otherwise", async () => {
    const { client, server } = await createConnectedClient();
    let rings = 0;
    let runs = 0;
    client.on("invitation", () => {
      rings += 1;
    });

    fc.assert(
      fc.property(deliveries, (versions) => {
        rings = 0;
        runs += 1;
        const mine = { invitationId: `run-${runs}`, caller: "bob", callee: "ann" };
        server.stream.events(...versions.map((version) => ({ $case: "invitation" as const, value: { ...version, ...mine } })));

        const first = versions[0]?.state;
        expect(rings).toBe(first === InvitationState.SENT || first === InvitationState.RECEIVED ? 1 : 0);
      }),
    );
  });
});
