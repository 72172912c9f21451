// Random scripts of calls, time, lost connections and logins around the invitations of three users, on a whole node with a manual
// clock. After each script everything is delivered, and what each client was told is checked against the invariants by name.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Invitation,
  InvitationState,
  InvitationTrigger,
  SendInvitationRequest,
} from "../../../gen/aldis/v1/invitation.js";
import { invitationStates, invitationViews, nextState } from "../../../gen/aldis/v1/tables/states.js";
import type { RawClient } from "../../support/raw-client.js";
import { startTestNode, type TestNode } from "../../support/test-node.js";

const users = ["alice", "bob", "carol"] as const;
type User = (typeof users)[number];
const user = fc.constantFrom(...users);
const invitationId = fc.constantFrom("i1", "i2", "i3");

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      user,
      callee: user,
      invitationId,
      patience: fc.constantFrom(0, 1_000, 30_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("cancel" as const, "accept" as const, "refuse" as const, "end" as const),
      user,
      invitationId,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("ack" as const, "cut" as const, "login" as const, "logout" as const), user }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 300, 3_000, 20_000, 70_000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** All that the clients of one user have heard, over its sessions. */
interface Witness {
  client: RawClient | undefined;
  readonly clients: RawClient[];
  calls: number;
}

class World {
  readonly witnesses = new Map<User, Witness>(users.map((name) => [name, { client: undefined, clients: [], calls: 0 }]));

  constructor(readonly node: TestNode) {}

  async run(script: readonly Step[]): Promise<void> {
    for (const action of script) await this.take(action);
  }

  /** Everybody comes back, hears and acknowledges everything, and time passes until nothing is due any more. */
  async quiesce(): Promise<void> {
    for (let round = 0; round < 40; round += 1) {
      for (const name of users) {
        const { client } = this.of(name);
        if (client === undefined || client.closed) await this.login(name);
        this.of(name).client?.acknowledge();
      }
      await this.node.runtime.advanceAsync(4_000);
    }
  }

  private async take(action: Step): Promise<void> {
    if (action.do === "wait") return this.node.runtime.advanceAsync(action.ms);
    const witness = this.of(action.user);
    switch (action.do) {
      case "login":
        return this.login(action.user);
      case "cut":
        return witness.client?.cut();
      case "ack":
        return witness.client?.acknowledge();
      case "send":
        return this.call(witness, this.sendOf(action));
      case "logout":
        return this.call(witness, { $case: "logout", value: {} });
      default:
        return this.call(witness, requestOf(action));
    }
  }

  private sendOf(action: Extract<Step, { do: "send" }>): Parameters<RawClient["call"]>[0] {
    const { invitationId: id, callee, patience } = action;
    return {
      $case: "sendInvitation",
      value: SendInvitationRequest.create({ invitationId: id, callee, receiveTimeoutMs: patience }),
    };
  }

  private call(witness: Witness, request: Parameters<RawClient["call"]>[0]): void {
    if (witness.client === undefined || witness.client.closed) return;
    witness.client.call(request);
    witness.calls += 1;
  }

  private async login(name: User): Promise<void> {
    const witness = this.of(name);
    witness.client = await this.node.login(name);
    witness.clients.push(witness.client);
  }

  of(name: User): Witness {
    return this.witnesses.get(name) as Witness;
  }
}

function requestOf({ do: what, invitationId: id }: Extract<Step, { do: "cancel" | "accept" | "refuse" | "end" }>) {
  const [withContent, withResponse] = [
    { invitationId: id, content: "" },
    { invitationId: id, response: "" },
  ];
  switch (what) {
    case "cancel":
      return { $case: "cancelInvitation" as const, value: withContent };
    case "end":
      return { $case: "endInvitation" as const, value: withContent };
    case "accept":
      return { $case: "acceptInvitation" as const, value: withResponse };
    case "refuse":
      return { $case: "refuseInvitation" as const, value: withResponse };
  }
}

function heardBy(client: RawClient): Invitation[] {
  return client.events.flatMap((event) => (event.$case === "invitation" ? [event.value] : []));
}

const isOver = ({ state }: Invitation) => invitationStates[state].terminal;
const possible = new Set<string>();
for (const state of Object.values(InvitationState)) {
  for (const trigger of Object.values(InvitationTrigger)) {
    const next = nextState(invitationStates, state, trigger);
    if (next !== undefined) possible.add(`${state}>${next}`);
  }
}

describe("invitations under random scripts", () => {
  it("one-outcome, and every other invariant, holds for what clients were told", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (script) => {
        const world = new World(await startTestNode({ logins: 1_000, invitationCalls: 1_000 }));
        for (const name of users) await world.run([{ do: "login", user: name }]);
        await world.run(script);
        await world.quiesce();

        const outcomes = new Map<string, string>();
        for (const name of users) {
          for (const client of world.of(name).clients) {
            const last = new Map<string, Invitation>();
            for (const invitation of heardBy(client)) {
              const before = last.get(invitation.invitationId);
              // The rule of the protocol: what is not newer than what a side has seen is ignored.
              if (before !== undefined && invitation.version <= before.version) {
                if (invitation.version === before.version) expect(invitation, "a version is one state").toEqual(before);
                continue;
              }
              if (before !== undefined) {
                expect(isOver(before), "terminal states absorb; no event after a terminal one").toBe(false);
                if (invitation.version === before.version + 1)
                  expect(possible).toContain(`${before.state}>${invitation.state}`);
              }
              last.set(invitation.invitationId, invitation);
              if (!isOver(invitation)) continue;
              const outcome = `${invitation.state} ${invitation.endReason} ${invitation.version} ${invitation.endedBy}`;
              expect(outcomes.get(invitation.invitationId) ?? outcome, "one-outcome").toBe(outcome);
              outcomes.set(invitation.invitationId, outcome);
            }
            const answered = client.results.map(({ callId }) => callId);
            expect(new Set(answered).size, "every call is answered at most once").toBe(answered.length);
          }
        }
        for (const invitation of await liveOf(world)) {
          expect(invitation.state, "only an accepted call outlives the quiet time").toBe(InvitationState.ACCEPTED);
          for (const role of ["caller", "callee"] as const) {
            const heard = heardBy(world.of(invitation[role] as User).client as RawClient);
            const seen = heard.findLast(({ invitationId: id }) => id === invitation.invitationId) ?? invitation;
            expect(invitationViews[seen.state][role], "both projections agree").toBe(invitationViews[invitation.state][role]);
          }
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** The invitations that still live. */
async function liveOf(world: World): Promise<Invitation[]> {
  const found = new Map<string, Invitation>();
  for (const name of users) {
    const client = world.of(name).client;
    const call = client?.call({ $case: "listInvitations", value: { receivedOnly: false } });
    await world.node.runtime.settle();
    const outcome = call === undefined ? undefined : client?.resultOf(call);
    if (outcome?.$case === "listInvitations") for (const each of outcome.value.invitations) found.set(each.invitationId, each);
  }
  return [...found.values()];
}
