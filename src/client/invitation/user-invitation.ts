import { type InvitationEndReason, InvitationTrigger } from "../../../gen/aldis/v1/invitation.js";
import type { DeepPartial } from "../../../gen/aldis/v1/stream.js";
import type { Operations } from "../../../gen/aldis/v1/tables/operations.js";
import type { Listener } from "../emitter.js";
import type { CallOptions } from "../options.js";
import type { InvitationEnd, InvitationEvents, InvitationOutcome } from "./events.js";
import type { InvitationTracker } from "./tracker.js";
import { checkLive, checkMove } from "./wrong-call.js";

/** The operations whose answer says how the invitation is then. */
export type InvitationOperation =
  | "sendInvitation"
  | "cancelInvitation"
  | "acceptInvitation"
  | "refuseInvitation"
  | "endInvitation"
  | "getInvitation";

/** Calls the server about invitations. Rejects with an `AldisError`. */
export interface InvitationCalls {
  /** Takes what the answer says before the promise is resolved. */
  ask<K extends InvitationOperation>(
    operation: K,
    request: DeepPartial<Operations[K]["request"]>,
    options: CallOptions,
  ): Promise<void>;
  sendDtmf(invitationId: string, digits: string, options: CallOptions): Promise<void>;
}

/** An invitation as an application holds it. What is common to both sides. */
export abstract class UserInvitation<State> {
  protected readonly tracker: InvitationTracker<State>;
  protected readonly calls: InvitationCalls;

  constructor(tracker: InvitationTracker<State>, calls: InvitationCalls) {
    this.tracker = tracker;
    this.calls = calls;
  }

  /** Its id, which both sides see. */
  get id(): string {
    return this.tracker.invitation.invitationId;
  }

  /** Who calls. */
  get caller(): string {
    return this.tracker.invitation.caller;
  }

  /** Who is called. */
  get callee(): string {
    return this.tracker.invitation.callee;
  }

  /** The channel in which the two want to meet. Empty for none. Nobody joins it by this. */
  get channel(): string {
    return this.tracker.invitation.channel;
  }

  /** What the caller says. Empty for nothing. */
  get content(): string {
    return this.tracker.invitation.content;
  }

  /** What the callee answered. Empty for nothing, or no answer yet. */
  get response(): string {
    return this.tracker.invitation.response;
  }

  /** What this side shows. An accepted call that is over is still shown as accepted. */
  get state(): State {
    return this.tracker.state;
  }

  /** Why it ended. `UNSPECIFIED` while it lives. */
  get endReason(): InvitationEndReason {
    return this.tracker.invitation.endReason;
  }

  /** What was said at the end. Empty for nothing. */
  get endContent(): string {
    return this.tracker.invitation.endContent;
  }

  /** What becomes of the ringing. Rejects only if the client logs out, or its session ends for good, before that is known. */
  get outcome(): Promise<InvitationOutcome> {
    return this.tracker.outcome.promise;
  }

  /** How it ends: by an outcome without a call, or with the call. Rejects as `outcome` does. */
  get ended(): Promise<InvitationEnd> {
    return this.tracker.ended.promise;
  }

  /** Adds a listener and returns what removes it. */
  on<K extends keyof InvitationEvents<State>>(name: K, listener: Listener<InvitationEvents<State>[K]>): () => void {
    return this.tracker.emitter.on(name, listener);
  }

  /** Hangs up an accepted call. Rejects for example with `INVITATION_NOT_STARTED` or `INVITATION_ALREADY_END`. */
  async end(content = "", options: CallOptions = {}): Promise<void> {
    checkMove(this.tracker.invitation, InvitationTrigger.END);
    await this.calls.ask("endInvitation", { invitationId: this.id, content }, options);
  }

  /** Sends telephone digits (`0` to `9`, `*` and `#`) to the other side of a live invitation. */
  async dtmf(digits: string, options: CallOptions = {}): Promise<void> {
    checkLive(this.tracker.invitation);
    await this.calls.sendDtmf(this.id, digits, options);
  }
}
