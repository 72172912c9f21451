import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { InvitationEndReason, InvitationTrigger } from "../../../../gen/aldis/v1/invitation.js";
import { invitationStates } from "../../../../gen/aldis/v1/tables/states.js";
import type { Engine } from "../../engine/engine.js";
import type { CallContext, Handlers } from "../call-context.js";
import { Refusal, refuse } from "../refusal.js";
import type { UserEvents } from "../user-events.js";
import type { Invitations } from "./invitations.js";
import { type Change, findOwn } from "./rules.js";

type InvitationOperations =
  | "cancelInvitation"
  | "acceptInvitation"
  | "refuseInvitation"
  | "endInvitation"
  | "sendDtmf"
  | "getInvitation"
  | "listInvitations";

/** The calls about invitations that exist. */
export function invitationHandlers(
  engine: Engine,
  invitations: Invitations,
  events: UserEvents,
): Pick<Handlers, InvitationOperations> {
  async function change({ user }: CallContext, invitationId: string, wanted: Omit<Change, "by">) {
    const invitation = await invitations.change(user.appId, invitationId, { ...wanted, by: user.userId });
    return invitation instanceof Refusal ? invitation : { invitation };
  }

  return {
    cancelInvitation: (context, { invitationId, content }) =>
      change(context, invitationId, { trigger: InvitationTrigger.CANCEL, text: content, reason: InvitationEndReason.CANCELED }),

    acceptInvitation: (context, { invitationId, response }) =>
      change(context, invitationId, { trigger: InvitationTrigger.ACCEPT, text: response }),

    refuseInvitation: (context, { invitationId, response }) =>
      change(context, invitationId, { trigger: InvitationTrigger.REFUSE, text: response, reason: InvitationEndReason.REFUSED }),

    endInvitation: (context, { invitationId, content }) =>
      change(context, invitationId, { trigger: InvitationTrigger.END, text: content, reason: InvitationEndReason.ENDED }),

    async sendDtmf(context, { invitationId, digits }) {
      const invitation = await findOwn(engine.invitations, context.user, invitationId);
      if (invitation instanceof Refusal) return invitation;
      const { state, caller, callee } = invitation;
      if (invitationStates[state].terminal) {
        return refuse(ErrorCode.INVITATION_ALREADY_END, "the call is over", { field: "invitation_id", invitationState: state });
      }
      const { appId, userId } = context.user;
      const other = userId === caller ? callee : caller;
      const told = await events.tell(
        { appId, userId: other },
        { $case: "invitationDtmf", value: { invitationId, sender: userId, digits } },
      );
      return told ? {} : refuse(ErrorCode.PEER_UNREACHABLE, `user "${other}" is offline`);
    },

    async getInvitation(context, { invitationId }) {
      const invitation = await findOwn(engine.invitations, context.user, invitationId);
      return invitation instanceof Refusal ? invitation : { invitation };
    },

    async listInvitations({ user }, { receivedOnly }) {
      const live = (await engine.invitations.live(user.appId, user.userId)).map(({ invitation }) => invitation);
      return { invitations: receivedOnly ? live.filter(({ callee }) => callee === user.userId) : live };
    },
  };
}
