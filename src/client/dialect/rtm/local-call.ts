import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { CallerState, type InvitationEndReason } from "../../../../gen/aldis/v1/invitation.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import { failure } from "../../error.js";
import type { OutgoingInvitation } from "../../invitation/outgoing-invitation.js";
import type { RtmContext } from "./context.js";
import { LocalInvitationError } from "./error-code.js";
import { checkChannelId, checkUserId } from "./identifiers.js";
import { checkText, endedOr } from "./invitation-check.js";
import type { LocalInvitationEvents } from "./invitation-events.js";
import { LocalInvitationFailureReason, LocalInvitationState } from "./status-code.js";
import { LocalInvitationStateNumber, nameOf } from "./status-numbers.js";

/** One event of the caller's, with its arguments. */
export type LocalNews = {
  [Name in keyof LocalInvitationEvents]: readonly [Name, ...Parameters<LocalInvitationEvents[Name]>];
}[keyof LocalInvitationEvents];

/** The time in milliseconds for a call about an invitation. */
const TIMEOUT_MS = 10_000;

/** The caller's side of an invitation, from its draft to its end. */
export class LocalCall {
  content = "";
  channelId = "";
  response = "";
  state: LocalInvitationState = LocalInvitationState.IDLE;
  readonly calleeId: string;
  readonly #context: RtmContext;
  readonly #tell: (news: LocalNews) => void;
  /** The invitation that was sent. Undefined before. */
  #native: OutgoingInvitation | undefined;
  /** True once it was answered, cancelled or has failed: RTM knows no call that goes on, so nothing is told from then on. */
  #isOver = false;

  /** `tell` is called when the event has its turn. */
  constructor(context: RtmContext, calleeId: string, tell: (news: LocalNews) => void) {
    this.#context = context;
    this.calleeId = calleeId;
    this.#tell = tell;
  }

  /** True until it is sent: then it can be written. */
  get isDraft(): boolean {
    return this.#native === undefined && !this.#isOver;
  }

  /** The native invitation, if the callee has accepted. */
  get accepted(): OutgoingInvitation | undefined {
    return this.state === LocalInvitationState.ACCEPTED_BY_REMOTE ? this.#native : undefined;
  }

  /** Throws if it cannot be sent. */
  checkSend(): void {
    if (this.#isOver) throw failure(ErrorCode.INVITATION_ALREADY_END, "The invitation is over; make a new one.");
    if (!this.isDraft) throw failure(ErrorCode.INVITATION_ALREADY_SENT, "The invitation was sent; make a new one.");
    checkUserId(this.calleeId);
    if (this.channelId !== "") checkChannelId(this.channelId);
    checkText(this.content);
  }

  /** Resolves when the server has it. What fails later than `checkSend` is told as a failure, too. */
  send(): Promise<void> {
    return this.#context.answer("RTM_INVITATION_CALL", async (onSettled) => {
      this.#context.checkAlive();
      this.checkSend();
      const native = this.#begin();
      this.#native = native;
      try {
        await native.send({ onSettled, timeoutMs: TIMEOUT_MS });
      } catch (thrown) {
        // What has come meanwhile says that the server has it.
        if (native.state !== CallerState.IDLE) return;
        // Nobody may know whether the server has it; it must not ring when this side has given it up.
        native.cancel().catch(() => {});
        this.#fail(LocalInvitationFailureReason.UNKNOWN);
        throw thrown;
      }
    });
  }

  /** Throws if it cannot be cancelled. */
  checkCancel(): void {
    if (this.#isOver) throw failure(ErrorCode.INVITATION_ALREADY_END, "The invitation is over.");
    if (this.isDraft) throw failure(ErrorCode.INVITATION_NOT_STARTED, "Send the invitation first.");
  }

  /** Resolves when it is cancelled. */
  cancel(): Promise<void> {
    return this.#context.call("RTM_INVITATION_CALL", TIMEOUT_MS, async (_, options) => {
      this.checkCancel();
      try {
        await this.#native?.cancel("", options);
      } catch (thrown) {
        throw endedOr(thrown);
      }
    });
  }

  #begin(): OutgoingInvitation {
    const { content, channelId: channel } = this;
    try {
      const native = this.#context.session().invitations.invite(this.calleeId, { channel, content });
      this.#listen(native);
      return native;
    } catch (thrown) {
      this.#fail(LocalInvitationFailureReason.NOT_LOGGEDIN);
      throw thrown;
    }
  }

  #listen(native: OutgoingInvitation): void {
    const { ACCEPTED_BY_REMOTE, REFUSED_BY_REMOTE, CANCELED } = LocalInvitationState;
    native.on("stateChanged", ({ state }) => this.#inTurn(() => this.#show(state)));
    native.on("received", () => this.#inTurn(() => this.#tell(["LocalInvitationReceivedByPeer"])));
    native.on("accepted", ({ response }) => this.#end(ACCEPTED_BY_REMOTE, ["LocalInvitationAccepted", response], response));
    native.on("refused", ({ response }) => this.#end(REFUSED_BY_REMOTE, ["LocalInvitationRefused", response], response));
    native.on("cancelled", () => this.#end(CANCELED, ["LocalInvitationCanceled"]));
    native.on("failed", ({ reason }) => this.#fail(reasonName(reason)));
    // The session ended first.
    native.ended.catch(() => this.#fail(LocalInvitationFailureReason.NOT_LOGGEDIN));
  }

  #show(state: CallerState): void {
    const code = dialectCode("RTM_LOCAL_INVITATION_STATE", "CallerState", state);
    this.state = nameOf(LocalInvitationStateNumber, code, this.state);
  }

  #fail(reason: LocalInvitationFailureReason): void {
    this.#end(LocalInvitationState.FAILURE, ["LocalInvitationFailure", reason]);
  }

  #end(state: LocalInvitationState, news: LocalNews, response = ""): void {
    this.#inTurn(() => {
      this.#isOver = true;
      this.state = state;
      this.response = response;
      this.#tell(news);
    });
  }

  #inTurn(task: () => void): void {
    this.#context.queue.tell(() => {
      if (!this.#isOver) task();
    });
  }
}

function reasonName(reason: InvitationEndReason): LocalInvitationFailureReason {
  const { OK: UNKNOWN, ...reasons } = LocalInvitationError;
  const code = dialectCode("RTM_LOCAL_INVITATION_ERROR", "InvitationEndReason", reason);
  return nameOf({ ...reasons, UNKNOWN }, code, LocalInvitationFailureReason.UNKNOWN);
}
