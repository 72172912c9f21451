import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { type CallerState, InvitationState, InvitationTrigger } from "../../../gen/aldis/v1/invitation.js";
import { AldisError, outcomeIsUnknown } from "../error.js";
import type { CallOptions } from "../options.js";
import type { InvitationTracker } from "./tracker.js";
import { type InvitationCalls, UserInvitation } from "./user-invitation.js";
import { checkMove, checkSend } from "./wrong-call.js";

/** How to call somebody. */
export interface InviteOptions {
  /** The channel in which the two want to meet. Default: none. Nobody joins it by this. */
  readonly channel?: string;
  /** What the caller says. Default: nothing. */
  readonly content?: string;
  /** How long the callee may be offline, in milliseconds. 0 fails the `send` at once if it is. Default: 30,000, the most. */
  readonly offlineTimeoutMs?: number;
  /** How long the callee's client may take to receive it, in milliseconds. Default: 30,000, the most. */
  readonly receiveTimeoutMs?: number;
  /** How long the callee may take to answer once its client has it, in milliseconds. Default: 60,000, the most. */
  readonly answerTimeoutMs?: number;
  /** True if a second live one for the same channel and callee is to fail with `INVITATION_DUPLICATE`. Default: false. */
  readonly onePerChannelAndCallee?: boolean;
}

/** Told how a send goes, so that the client knows what it may hear of. */
export interface SendNotes {
  /** The server will have it, unless `notSent` follows. */
  sending(): void;
  /** The send has failed. `mayBeSent` is true if nobody knows whether the server has it. */
  notSent(mayBeSent: boolean): void;
}

/** An invitation as its caller holds it. It begins as `IDLE`. */
export class OutgoingInvitation extends UserInvitation<CallerState> {
  readonly direction = "outgoing";
  readonly #options: InviteOptions;
  readonly #notes: SendNotes;
  #isSending = false;
  /** True after a send of which nobody knows whether the server has it. */
  #mayBeSent = false;

  constructor(tracker: InvitationTracker<CallerState>, calls: InvitationCalls, notes: SendNotes, options: InviteOptions) {
    super(tracker, calls);
    this.#notes = notes;
    this.#options = options;
  }

  /**
   * Sends it. Resolves when the server has it. After an error that leaves it `IDLE` it may be sent again, and counts once.
   * Rejects with `INVITATION_ALREADY_SENT` or `INVITATION_ALREADY_END` if it was sent: make a new one.
   */
  async send(options: CallOptions = {}): Promise<void> {
    checkSend(this.tracker.invitation, this.#isSending);
    this.#isSending = true;
    this.#notes.sending();
    try {
      await this.#send(options);
    } catch (thrown) {
      this.#mayBeSent ||= outcomeIsUnknown(thrown);
      if (this.#isIdle) this.#notes.notSent(this.#mayBeSent);
      throw thrown;
    } finally {
      this.#isSending = false;
    }
  }

  /** Takes it back before it is answered. Rejects for example with `INVITATION_NOT_STARTED` or `INVITATION_ALREADY_ACCEPT`. */
  async cancel(content = "", options: CallOptions = {}): Promise<void> {
    const isUnderWay = this.#isIdle && (this.#isSending || this.#mayBeSent);
    if (!isUnderWay) checkMove(this.tracker.invitation, InvitationTrigger.CANCEL);
    await this.calls.ask("cancelInvitation", { invitationId: this.id, content }, options);
  }

  get #isIdle(): boolean {
    return this.tracker.invitation.state === InvitationState.UNSPECIFIED;
  }

  async #send(options: CallOptions): Promise<void> {
    const { id: invitationId, callee, channel, content } = this;
    try {
      await this.calls.ask("sendInvitation", { ...this.#options, invitationId, callee, channel, content }, options);
    } catch (thrown) {
      // Nobody else makes this id, so an earlier send has arrived.
      if (!wasSentBefore(thrown)) throw thrown;
      await this.calls.ask("getInvitation", { invitationId }, options);
    }
  }
}

function wasSentBefore(thrown: unknown): boolean {
  if (!(thrown instanceof AldisError)) return false;
  return thrown.code === ErrorCode.INVITATION_ALREADY_SENT || thrown.code === ErrorCode.INVITATION_ALREADY_END;
}
