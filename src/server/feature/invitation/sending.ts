import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import {
  type Invitation,
  InvitationEndReason,
  InvitationState,
  type SendInvitationRequest,
} from "../../../../gen/aldis/v1/invitation.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { invitationStates } from "../../../../gen/aldis/v1/tables/states.js";
import type { Engine } from "../../engine/engine.js";
import type { InvitationPatience, StoredInvitation } from "../../engine/ports/invitation-store.js";
import type { Clock } from "../../runtime.js";
import type { CallContext, Handlers } from "../call-context.js";
import { Refusal, refuse, refuseOver } from "../refusal.js";
import { refuseToWrite } from "../rights.js";
import type { Invitations } from "./invitations.js";
import { dueUntold, expiryOf, findOwn } from "./rules.js";

/** The longest patience, in milliseconds, which is also the default. */
const patienceMax: InvitationPatience = { offlineMs: 30_000, receiveMs: 30_000, answerMs: 60_000 };

/** The call that makes an invitation. */
export function sendingHandler(
  engine: Engine,
  invitations: Invitations,
  clock: Clock,
  limits: Limits,
): Pick<Handlers, "sendInvitation"> {
  async function refuseSend({ user, rights }: CallContext, request: SendInvitationRequest): Promise<Refusal | undefined> {
    const refusal = refuseToWrite(rights) ?? refusePatience(request);
    if (refusal !== undefined) return refusal;
    if (request.callee === user.userId)
      return refuse(ErrorCode.INVALID_ARGUMENT, "a user cannot call itself", { field: "callee" });
    const live = await engine.invitations.live(user.appId, user.userId);
    const sent = live.filter(({ invitation }) => invitation.caller === user.userId).length;
    if (sent < limits.invitationsPerUser) return undefined;
    return refuseOver(ErrorCode.TOO_MANY_INVITATIONS, limits, "invitationsPerUser", "the user has too many live invitations");
  }

  async function refuseTaken(context: CallContext, invitationId: string): Promise<Refusal> {
    const field = { field: "invitation_id" };
    const known = await findOwn(engine.invitations, context.user, invitationId);
    if (known instanceof Refusal || known.caller !== context.user.userId) {
      return refuse(ErrorCode.INVALID_ARGUMENT, "the invitation id is taken; make another one", field);
    }
    const more = { ...field, invitationState: known.state };
    if (invitationStates[known.state].terminal) {
      return refuse(ErrorCode.INVITATION_ALREADY_END, "the invitation was sent before and is over; send a new one", more);
    }
    return refuse(ErrorCode.INVITATION_ALREADY_SENT, "the invitation was sent before", more);
  }

  return {
    async sendInvitation(context, request) {
      const refusal = await refuseSend(context, request);
      if (refusal !== undefined) return refusal;
      const stored = newInvitation(context, request, clock.now());
      const online = await invitations.isOnline({ appId: stored.appId, userId: request.callee });
      if (!online && stored.patience.offlineMs === 0) {
        return refuse(ErrorCode.PEER_UNREACHABLE, `user "${request.callee}" is offline`, { field: "callee" });
      }
      const created = await engine.invitations.create(stored);
      if (created === "exists") return refuseTaken(context, request.invitationId);
      if (created === "duplicate") {
        return refuse(ErrorCode.INVITATION_DUPLICATE, "an invitation to this callee for this channel is live", {
          field: "callee",
        });
      }
      context.afterAnswer(() => invitations.announce(stored));
      return { invitation: stored.invitation };
    },
  };
}

function refusePatience({
  offlineTimeoutMs = 0,
  receiveTimeoutMs = 0,
  answerTimeoutMs = 0,
}: SendInvitationRequest): Refusal | undefined {
  const asked = [
    { field: "offline_timeout_ms", ms: offlineTimeoutMs, max: patienceMax.offlineMs },
    { field: "receive_timeout_ms", ms: receiveTimeoutMs, max: patienceMax.receiveMs },
    { field: "answer_timeout_ms", ms: answerTimeoutMs, max: patienceMax.answerMs },
  ];
  const wrong = asked.find(({ ms, max }) => ms < 0 || ms > max);
  if (wrong === undefined) return undefined;
  return refuse(ErrorCode.INVALID_ARGUMENT, `${wrong.field} must be from 0 to ${wrong.max}`, { field: wrong.field });
}

function newInvitation({ user }: CallContext, request: SendInvitationRequest, nowMs: number): StoredInvitation {
  const { invitationId, callee, channel, content, onePerChannelAndCallee } = request;
  const patience = {
    offlineMs: request.offlineTimeoutMs ?? patienceMax.offlineMs,
    receiveMs: request.receiveTimeoutMs ?? patienceMax.receiveMs,
    answerMs: request.answerTimeoutMs ?? patienceMax.answerMs,
  };
  const invitation: Invitation = {
    invitationId,
    version: 1,
    state: InvitationState.SENT,
    caller: user.userId,
    callee,
    channel,
    content,
    response: "",
    endReason: InvitationEndReason.UNSPECIFIED,
    endContent: "",
    sentAtMs: nowMs,
    expiresAtMs: 0,
    endedBy: "",
  };
  invitation.expiresAtMs = expiryOf(InvitationState.SENT, invitation, patience, nowMs);
  const parts = [user.userId, callee, channel];
  const uniqueKey = onePerChannelAndCallee ? parts.map((part) => `${part.length}:${part}`).join("") : "";
  return { appId: user.appId, invitation, dueAtMs: dueUntold(invitation, nowMs), uniqueKey, patience };
}
