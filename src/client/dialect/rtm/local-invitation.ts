import { EventEmitter } from "./event-emitter.js";
import { known } from "./invitation-check.js";
import type { LocalInvitationEvents } from "./invitation-events.js";
import type { LocalCall } from "./local-call.js";
import type { LocalInvitationState } from "./status-code.js";

/** An invitation as its caller holds it. `createLocalInvitation` makes it; it can be sent once. */
export class LocalInvitation extends EventEmitter<LocalInvitationEvents> {
  readonly #call: LocalCall;

  constructor(call: LocalCall) {
    super();
    this.#call = call;
  }

  /** Who is called. */
  get calleeId(): string {
    return this.#call.calleeId;
  }

  /** What the caller says, at most 8 KiB. What is set after the send changes nothing. Default: "". */
  get content(): string {
    return this.#call.content;
  }

  set content(content: string) {
    if (this.#call.isDraft) this.#call.content = content;
  }

  /** The channel in which the two want to meet; Signaling users need it. Nobody joins it by this. Default: "". */
  get channelId(): string {
    return this.#call.channelId;
  }

  set channelId(channelId: string) {
    if (this.#call.isDraft) this.#call.channelId = channelId;
  }

  /** What the callee answered. */
  get response(): string {
    return this.#call.response;
  }

  get state(): LocalInvitationState {
    return this.#call.state;
  }

  /** Sends it. Throws an `InvitationApiCallError` that is known at once; what fails later is told by `LocalInvitationFailure`. */
  send(): void {
    known(() => this.#call.checkSend());
    this.#call.send().catch(() => {});
  }

  /** Takes it back. Throws an `InvitationApiCallError` that is known at once; success is told by `LocalInvitationCanceled`. */
  cancel(): void {
    known(() => this.#call.checkCancel());
    this.#call.cancel().catch(() => {});
  }
}
