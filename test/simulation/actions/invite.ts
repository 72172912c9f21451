import type { IncomingInvitation } from "../../../src/client/invitation/incoming-invitation.js";
import type { Clock } from "../../../src/client/runtime.js";
import type { SimulatedClient } from "../client.js";
import type { Action } from "./action.js";

type Step = () => Promise<void>;

function ask(client: SimulatedClient, about: string, step: Step): void {
  void client.ask({ operation: "invitation", about }, async () => {
    await step();
    return {};
  });
}

/** Takes the steps of somebody who cannot make up its mind: one now, perhaps others later. */
function takeSteps(client: SimulatedClient, clock: Clock, steps: Readonly<Record<string, Step>>): void {
  const { random } = client;
  const names = Object.keys(steps);
  for (let left = random.between(0, 3); left > 0; left -= 1) {
    const name = random.pick(names);
    clock.after(random.pick([1, 300, 5_000, 40_000]), () => ask(client, name, steps[name] ?? (async () => {})));
  }
}

/** Calls somebody, and perhaps takes it back, or hangs up. */
export const invite: Action = {
  name: "invite",
  run(client, { users, clock }) {
    const { random } = client;
    const invitation = client.app.invitations.invite(random.pick(users), {
      channel: random.pick(["", "meeting"]),
      offlineTimeoutMs: random.pick([0, 2_000, 30_000]),
      receiveTimeoutMs: random.pick([2_000, 30_000]),
      answerTimeoutMs: random.pick([3_000, 60_000]),
      onePerChannelAndCallee: random.chance(0.2),
    });
    client.noteNews(invitation);
    ask(client, "send", async () => {
      await invitation.send();
      client.noteSent(invitation.id);
    });
    takeSteps(client, clock, {
      cancel: () => invitation.cancel("never mind"),
      end: () => invitation.end("bye"),
      dtmf: () => invitation.dtmf("123#"),
      sendAgain: () => invitation.send(),
    });
  },
};

/** Answers somebody who calls: in time, late, or never. */
export function answerInvitation(client: SimulatedClient, invitation: IncomingInvitation, clock: Clock): void {
  takeSteps(client, clock, {
    accept: () => invitation.accept("yes"),
    acceptToo: () => invitation.accept("yes"),
    refuse: () => invitation.refuse("no"),
    end: () => invitation.end("bye"),
    dtmf: () => invitation.dtmf("9"),
  });
}
