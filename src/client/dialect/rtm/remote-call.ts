import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { CalleeState, InvitationEndReason } from "../../../../gen/aldis/v1/invitation.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import { failure } from "../../error.js";
import type { IncomingInvitation } from "../../invitation/incoming-invitation.js";
import type { RtmContext } from "./context.js";
import { RemoteInvitationError } from "./error-code.js";
import { checkText, endedOr } from "./invitation-check.js";
import type { RemoteInvitationEvents } from "./invitation-events.js";
import { RemoteInvitationFailureReason, RemoteInvitationState } from "./status-code.js";
import { nameOf, RemoteInvitationStateNumber } from "./status-numbers.js";

/** One event of the callee's, with its arguments. */
export type RemoteNews = {
  [Name in keyof RemoteInvitationEvents]: readonly [Name, ...Parameters<RemoteInvitationEvents[Name]>];
}[keyof RemoteInvitationEvents];

/** The time in milliseconds for a call about an invitation. */
const TIMEOUT_MS = 10_000;

/** The callee's side of an invitation, from its arrival to its end. */
export class RemoteCall {
  response = "";
  state: RemoteInvitationState = RemoteInvitationState.INVITATION_RECEIVED;
  readonly native: IncomingInvitation;
  readonly #context: RtmContext;
  readonly #tell: (news: RemoteNews) => void;
  /** True from the own acceptance on. */
  #isAccepted = false;
  /** True once both sides know the answer, or there will be none: nothing is told from then on. */
  #isOver = false;

  /** `tell` is called when the event has its turn. */
  constructor(context: RtmContext, native: IncomingInvitation, tell: (news: RemoteNews) => void) {
    this.#context = context;
    this.native = native;
    this.#tell = tell;
    const { ACCEPTED, REFUSED, CANCELED } = RemoteInvitationState;
    native.on("stateChanged", ({ state }) => this.#inTurn(() => this.#show(state)));
    native.on("accepted", () => this.#end(ACCEPTED, ["RemoteInvitationAccepted"]));
    native.on("refused", () => this.#end(REFUSED, ["RemoteInvitationRefused"]));
    native.on("cancelled", ({ content }) => this.#end(CANCELED, ["RemoteInvitationCanceled", content]));
    native.on("failed", ({ reason }) => this.#fail(reasonName(reason)));
    // The session ended first.
    native.ended.catch(() => this.#fail(RemoteInvitationFailureReason.UNKNOWN));
  }

  /** Throws if it cannot be accepted. */
  checkAccept(): void {
    if (this.#isAccepted) throw failure(ErrorCode.INVITATION_ALREADY_ACCEPT, "The invitation was accepted.");
    this.#checkLive();
  }

  /** Resolves when the server knows. */
  accept(): Promise<void> {
    return this.#context.call("RTM_INVITATION_CALL", TIMEOUT_MS, async (_, options) => {
      this.checkAccept();
      this.#isAccepted = true;
      try {
        await this.native.accept(this.response, options);
      } catch (thrown) {
        this.#isAccepted = false;
        throw thrown;
      }
    });
  }

  /** Throws if it cannot be refused. */
  checkRefuse(): void {
    if (this.#isAccepted) throw failure(ErrorCode.INVITATION_ALREADY_END, "The invitation was accepted.");
    this.#checkLive();
  }

  /** Resolves when the server knows. */
  refuse(): Promise<void> {
    return this.#context.call("RTM_INVITATION_CALL", TIMEOUT_MS, async (_, options) => {
      this.checkRefuse();
      try {
        await this.native.refuse(this.response, options);
      } catch (thrown) {
        throw endedOr(thrown);
      }
    });
  }

  #checkLive(): void {
    if (this.#isOver) throw failure(ErrorCode.INVITATION_ALREADY_END, "The invitation is over.");
    checkText(this.response);
  }

  #show(state: CalleeState): void {
    const { IDLE: _, ...numbers } = RemoteInvitationStateNumber;
    this.state = nameOf(numbers, dialectCode("RTM_REMOTE_INVITATION_STATE", "CalleeState", state), this.state);
  }

  #fail(reason: RemoteInvitationFailureReason): void {
    this.#end(RemoteInvitationState.FAILURE, ["RemoteInvitationFailure", reason]);
  }

  #end(state: RemoteInvitationState, news: RemoteNews): void {
    this.#inTurn(() => {
      this.#isOver = true;
      this.state = state;
      this.#tell(news);
    });
  }

  #inTurn(task: () => void): void {
    this.#context.queue.tell(() => {
      if (!this.#isOver) task();
    });
  }
}

function reasonName(reason: InvitationEndReason): RemoteInvitationFailureReason {
  const { OK: UNKNOWN, ...reasons } = RemoteInvitationError;
  const code = dialectCode("RTM_REMOTE_INVITATION_ERROR", "InvitationEndReason", reason);
  return nameOf({ ...reasons, UNKNOWN }, code, RemoteInvitationFailureReason.UNKNOWN);
}
