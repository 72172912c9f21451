import { EventEmitter } from "./event-emitter.js";
import { known } from "./invitation-check.js";
import type { RemoteInvitationEvents } from "./invitation-events.js";
import type { RemoteCall } from "./remote-call.js";
import type { RemoteInvitationState } from "./status-code.js";

/** An invitation as its callee holds it. `RemoteInvitationReceived` brings it. */
export class RemoteInvitation extends EventEmitter<RemoteInvitationEvents> {
  readonly #call: RemoteCall;

  constructor(call: RemoteCall) {
    super();
    this.#call = call;
  }

  /** Who calls. */
  get callerId(): string {
    return this.#call.native.caller;
  }

  /** The channel in which the two want to meet. Empty for none. */
  get channelId(): string {
    return this.#call.native.channel;
  }

  /** What the caller says. Empty for nothing. */
  get content(): string {
    return this.#call.native.content;
  }

  get state(): RemoteInvitationState {
    return this.#call.state;
  }

  /** What the callee answers, at most 8 KiB: set it before `accept` or `refuse`. Default: "". */
  get response(): string {
    return this.#call.response;
  }

  set response(response: string) {
    this.#call.response = response;
  }

  /** Accepts. Throws an `InvitationApiCallError` that is known at once; `RemoteInvitationAccepted` tells that the caller knows. */
  accept(): void {
    known(() => this.#call.checkAccept());
    this.#call.accept().catch(() => {});
  }

  /** Refuses. Throws an `InvitationApiCallError` that is known at once; success is told by `RemoteInvitationRefused`. */
  refuse(): void {
    known(() => this.#call.checkRefuse());
    this.#call.refuse().catch(() => {});
  }
}
