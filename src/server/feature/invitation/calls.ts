import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import {
  type Invitation,
  InvitationEndReason,
  InvitationState,
  InvitationTrigger,
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
import type { UserEvents } from "../user-events.js";
import type { Invitations } from "./invitations.js";
import { type Change, dueAfter, refuseUnknown } from "./rules.js";

type InvitationOperations =
  | "sendInvitation"
  | "cancelInvitation"
  | "acceptInvitation"
  | "refuseInvitation"
  | "endInvitation"
  | "sendDtmf"
  | "getInvitation"
  | "listInvitations";

/** The longest patience, in milliseconds, which is also the default. */
const patienceMax: InvitationPatience = { offlineMs: 30_000, receiveMs: 30_000, answerMs: 60_000 };

/** The calls about invitations. */
export function invitationHandlers(
  engine: Engine,
  invitations: Invitations,
  events: UserEvents,
  clock: Clock,
  limits: Limits,
): Pick<Handlers, InvitationOperations> {
  async function change({ user }: CallContext, invitationId: string, wanted: Omit<Change, "by">) {
    const invitation = await invitations.change(user.appId, invitationId, { ...wanted, by: user.userId });
    return invitation instanceof Refusal ? invitation : { invitation };
  }

  async function findOwn({ user }: CallContext, invitationId: string): Promise<Invitation | Refusal> {
    const found = await engine.invitations.find(user.appId, invitationId);
    const invitation = found?.invitation;
    const own = invitation?.caller === user.userId || invitation?.callee === user.userId;
    return invitation !== undefined && own ? invitation : refuseUnknown();
  }

  async function refuseSend({ user, rights }: CallContext, request: SendInvitationRequest): Promise<Refusal | undefined> {
    const refusal = refuseToWrite(rights) ?? refusePatience(request);
    if (refusal !== undefined) return refusal;
    if (request.callee === user.userId) return refuse(ErrorCode.INVALID_ARGUMENT, "a user cannot call itself", { field: "callee" });
    const live = await engine.invitations.live(user.appId, user.userId);
    const sent = live.filter(({ invitation }) => invitation.caller === user.userId).length;
    if (sent < limits.invitationsPerUser) return undefined;
    return refuseOver(ErrorCode.TOO_MANY_INVITATIONS, limits, "invitationsPerUser", "the user has too many live invitations");
  }

  async function refuseTaken(context: CallContext, invitationId: string): Promise<Refusal> {
    const field = { field: "invitation_id" };
    const known = await findOwn(context, invitationId);
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
      const { appId, userId } = context.user;
      const online = await invitations.isOnline({ appId, userId: request.callee });
      if (!online && stored.patience.offlineMs === 0) {
        return refuse(ErrorCode.PEER_UNREACHABLE, `user "${request.callee}" is offline`, { field: "callee" });
      }
      const created = await engine.invitations.create(stored);
      if (created === "exists") return refuseTaken(context, request.invitationId);
      if (created === "duplicate") {
        return refuse(ErrorCode.INVITATION_DUPLICATE, "an invitation to this callee for this channel is live", { field: "callee" });
      }
      context.afterAnswer(() => void invitations.tell(stored, userId));
      return { invitation: stored.invitation };
    },

    cancelInvitation: (context, { invitationId, content }) =>
      change(context, invitationId, { trigger: InvitationTrigger.CANCEL, text: content, reason: InvitationEndReason.CANCELED }),

    acceptInvitation: (context, { invitationId, response }) =>
      change(context, invitationId, { trigger: InvitationTrigger.ACCEPT, text: response }),

    refuseInvitation: (context, { invitationId, response }) =>
      change(context, invitationId, { trigger: InvitationTrigger.REFUSE, text: response, reason: InvitationEndReason.REFUSED }),

    endInvitation: (context, { invitationId, content }) =>
      change(context, invitationId, { trigger: InvitationTrigger.END, text: content, reason: InvitationEndReason.ENDED }),

    async sendDtmf(context, { invitationId, digits }) {
      const invitation = await findOwn(context, invitationId);
      if (invitation instanceof Refusal) return invitation;
      const { state, caller, callee } = invitation;
      if (invitationStates[state].terminal) {
        return refuse(ErrorCode.INVITATION_ALREADY_END, "the call is over", { field: "invitation_id", invitationState: state });
      }
      const { appId, userId } = context.user;
      const other = userId === caller ? callee : caller;
      const told = await events.tell({ appId, userId: other }, { $case: "invitationDtmf", value: { invitationId, sender: userId, digits } });
      return told ? {} : refuse(ErrorCode.PEER_UNREACHABLE, `user "${other}" is offline`);
    },

    async getInvitation(context, { invitationId }) {
      const invitation = await findOwn(context, invitationId);
      return invitation instanceof Refusal ? invitation : { invitation };
    },

    async listInvitations({ user }, { receivedOnly }) {
      const live = (await engine.invitations.live(user.appId, user.userId)).map(({ invitation }) => invitation);
      return { invitations: receivedOnly ? live.filter(({ callee }) => callee === user.userId) : live };
    },
  };
}

function refusePatience({ offlineTimeoutMs = 0, receiveTimeoutMs = 0, answerTimeoutMs = 0 }: SendInvitationRequest): Refusal | undefined {
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
  const dueAtMs = dueAfter(InvitationState.SENT, invitation, patience, nowMs);
  invitation.expiresAtMs = dueAtMs;
  const parts = [user.userId, callee, channel];
  const uniqueKey = onePerChannelAndCallee ? parts.map((part) => `${part.length}:${part}`).join("") : "";
  return { appId: user.appId, invitation, dueAtMs, uniqueKey, patience };
}
