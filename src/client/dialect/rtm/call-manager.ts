import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { failure } from "../../error.js";
import type { IncomingInvitation } from "../../invitation/incoming-invitation.js";
import type { OutgoingInvitation } from "../../invitation/outgoing-invitation.js";
import type { RtmContext } from "./context.js";
import { EventEmitter } from "./event-emitter.js";
import { LocalCall, type LocalNews } from "./local-call.js";
import { LocalInvitation } from "./local-invitation.js";
import { RemoteCall, type RemoteNews } from "./remote-call.js";
import { RemoteInvitation } from "./remote-invitation.js";
import { toRtmError } from "./rtm-error.js";
import type { RtmCallManagerEvents } from "./rtm-events.js";

/** How many accepted calls stay open. RTM never hangs up, and the server lets a user have so many calls only. */
const MOST_OPEN_CALLS = 50;

/** Calls to other users, and from them, in the way of the native SDKs. Promises reject with a code of `InvitationApiCallError`. */
export class RtmCallManager extends EventEmitter<RtmCallManagerEvents> {
  readonly #context: RtmContext;
  readonly #localCalls = new WeakMap<LocalInvitation, LocalCall>();
  readonly #remoteCalls = new WeakMap<RemoteInvitation, RemoteCall>();
  #openCalls: readonly OutgoingInvitation[] = [];

  constructor(context: RtmContext) {
    super();
    this.#context = context;
  }

  /** Makes an invitation of a user. Nothing is sent before `sendLocalInvitation`, or its `send`. */
  createLocalInvitation(calleeId: string): LocalInvitation {
    const call: LocalCall = new LocalCall(this.#context, calleeId, (news) => this.#tellLocal(invitation, call, news));
    const invitation = new LocalInvitation(call);
    this.#localCalls.set(invitation, call);
    return invitation;
  }

  /** Sends an invitation. Resolves when the server has it. */
  sendLocalInvitation(invitation: LocalInvitation): Promise<void> {
    return this.#localCalls.get(invitation)?.send() ?? unknownInvitation();
  }

  /** Takes an invitation back. Resolves when it is cancelled. */
  cancelLocalInvitation(invitation: LocalInvitation): Promise<void> {
    return this.#localCalls.get(invitation)?.cancel() ?? unknownInvitation();
  }

  /** Accepts an invitation, with its `response`. Resolves when the server knows. */
  acceptRemoteInvitation(invitation: RemoteInvitation): Promise<void> {
    return this.#remoteCalls.get(invitation)?.accept() ?? unknownInvitation();
  }

  /** Refuses an invitation, with its `response`. Resolves when the server knows. */
  refuseRemoteInvitation(invitation: RemoteInvitation): Promise<void> {
    return this.#remoteCalls.get(invitation)?.refuse() ?? unknownInvitation();
  }

  /** Makes the invitation that an application holds for one that rings. */
  receive(native: IncomingInvitation): RemoteInvitation {
    const call = new RemoteCall(this.#context, native, (news) => this.#tellRemote(invitation, news));
    const invitation = new RemoteInvitation(call);
    this.#remoteCalls.set(invitation, call);
    return invitation;
  }

  #tellLocal(invitation: LocalInvitation, call: LocalCall, news: LocalNews): void {
    if (call.accepted !== undefined) this.#keepOpen(call.accepted);
    const [event, ...args] = news;
    this.#context.emit(invitation, event, ...args);
    this.#context.emit(this, event, invitation, ...args);
  }

  #tellRemote(invitation: RemoteInvitation, news: RemoteNews): void {
    const [event, ...args] = news;
    this.#context.emit(invitation, event, ...args);
    this.#context.emit(this, event, invitation, ...args);
  }

  /** The other side may be one that hangs up, so a call stays open until there are too many. */
  #keepOpen(call: OutgoingInvitation): void {
    this.#openCalls = [...this.#openCalls, call];
    if (this.#openCalls.length <= MOST_OPEN_CALLS) return;
    const [oldest, ...others] = this.#openCalls;
    this.#openCalls = others;
    oldest?.end().catch(() => {});
  }
}

function unknownInvitation(): Promise<never> {
  const thrown = failure(ErrorCode.INVALID_ARGUMENT, "The invitation is none of this client's.");
  return Promise.reject(toRtmError("RTM_INVITATION_CALL", thrown));
}
