// A client of the user ann with invitations on a scripted server, with all that an invitation tells written down.
import { Invitation, InvitationState } from "../../../../gen/aldis/v1/invitation.js";
import type { Event } from "../../../../gen/aldis/v1/stream.js";
import type { IncomingInvitation } from "../../../../src/client/invitation/incoming-invitation.js";
import type { InviteOptions, OutgoingInvitation } from "../../../../src/client/invitation/outgoing-invitation.js";
import type { UserInvitation } from "../../../../src/client/invitation/user-invitation.js";
import { createConnectedClient, type ScriptedClient } from "../../../support/scripted-client.js";

const { SENT } = InvitationState;

/** A version of an invitation from ann to bob. */
export function toBob(version: number, state: InvitationState, rest: Partial<Invitation> = {}): Invitation {
  return Invitation.create({ invitationId: "id-1", caller: "ann", callee: "bob", version, state, ...rest });
}

/** A version of an invitation from bob to ann. */
export function fromBob(version: number, state: InvitationState, rest: Partial<Invitation> = {}): Invitation {
  return Invitation.create({ invitationId: "i1", caller: "bob", callee: "ann", content: "hi", version, state, ...rest });
}

export function eventOf(value: Invitation): NonNullable<Event["event"]> {
  return { $case: "invitation", value };
}

/** Writes down all that an invitation tells from now on, for example `accepted {"response":"yes"}`. */
export function listen<State>(invitation: UserInvitation<State>): string[] {
  const told: string[] = [];
  invitation.on("stateChanged", ({ state }) => told.push(`state ${state}`));
  for (const name of ["received", "accepted", "refused", "cancelled", "failed", "ended", "dtmf"] as const) {
    invitation.on(name, (event) => told.push(`${name} ${JSON.stringify(event)}`));
  }
  return told;
}

export interface Calling extends ScriptedClient {
  readonly call: OutgoingInvitation;
  readonly told: string[];
}

/** A client that has made an invitation of bob, with the id "id-1". */
export async function createIdle(options: InviteOptions = {}): Promise<Calling> {
  const scripted = await createConnectedClient();
  const call = scripted.client.invitations.invite("bob", options);
  return { ...scripted, call, told: listen(call) };
}

/** A client that has sent it. */
export async function createSent(): Promise<Calling> {
  const calling = await createIdle();
  const send = calling.call.send();
  calling.server.stream.answer("sendInvitation", { invitation: toBob(1, SENT) });
  await send;
  calling.told.length = 0;
  return calling;
}

export interface Rung extends ScriptedClient {
  readonly call: IncomingInvitation;
  readonly told: string[];
  /** All that has rung. */
  readonly rung: IncomingInvitation[];
}

/** A client at which an invitation of bob rings, with the id "i1". */
export async function createRung(): Promise<Rung> {
  const scripted = await createConnectedClient();
  const rung: IncomingInvitation[] = [];
  scripted.client.on("invitation", (invitation) => rung.push(invitation));
  scripted.server.stream.events(eventOf(fromBob(1, SENT)));
  const [call] = rung;
  if (call === undefined) throw new Error("nothing has rung");
  return { ...scripted, call, told: listen(call), rung };
}
