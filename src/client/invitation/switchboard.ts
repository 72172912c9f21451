import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { Invitation, type InvitationDtmf } from "../../../gen/aldis/v1/invitation.js";
import type { Caller } from "../caller.js";
import { backOffMs } from "../connection/backoff.js";
import { AldisError, failure } from "../error.js";
import type { Logger } from "../logger.js";
import type { CallOptions } from "../options.js";
import type { Runtime, Timer } from "../runtime.js";
import { InvitationBook } from "./book.js";
import { IncomingInvitation } from "./incoming-invitation.js";
import { type InviteOptions, OutgoingInvitation } from "./outgoing-invitation.js";
import { calleeSide, callerSide, isKnown, isOver, isRinging, lastVersion } from "./projection.js";
import { InvitationTracker } from "./tracker.js";
import type { InvitationCalls } from "./user-invitation.js";

/** An invitation of either side. `direction` tells which. */
export type AnyInvitation = OutgoingInvitation | IncomingInvitation;

export interface SwitchboardOptions {
  readonly userId: string;
  readonly caller: Caller;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Told of each invitation that rings, once. */
  readonly onRing: (invitation: IncomingInvitation) => void;
}

/** One invitation: what the application holds, and what follows it. */
interface Entry {
  readonly invitation: AnyInvitation;
  readonly tracker: InvitationTracker<unknown>;
}

/** Knows the invitations of a client, and connects each with what the server says of it. */
export class Switchboard {
  readonly #options: SwitchboardOptions;
  readonly #book = new InvitationBook<Entry>();
  readonly #calls: InvitationCalls;
  #failures = 0;
  #retry: Timer | undefined;

  constructor(options: SwitchboardOptions) {
    const { caller } = options;
    this.#options = options;
    this.#calls = {
      ask: async (operation, request, callOptions) => {
        await caller.call(operation, request, callOptions, ({ invitation }) => this.#takeAnswer(invitation));
      },
      sendDtmf: async (invitationId, digits, callOptions) => {
        await caller.call("sendDtmf", { invitationId, digits }, callOptions);
      },
    };
  }

  invite(callee: string, options: InviteOptions): OutgoingInvitation {
    const { userId, runtime } = this.#options;
    const { channel, content } = options;
    const invitationId = runtime.randomId();
    const draft = Invitation.create({ invitationId, caller: userId, callee, channel, content });
    return this.#outgoing(draft, options).invitation;
  }

  live(): readonly AnyInvitation[] {
    return this.#liveEntries().map(({ invitation }) => invitation);
  }

  async sync(options: CallOptions): Promise<void> {
    const known = this.#liveEntries();
    const listed = new Set<string>();
    await this.#options.caller.call("listInvitations", {}, options, ({ invitations }) => {
      for (const invitation of invitations) {
        listed.add(invitation.invitationId);
        this.take(invitation);
      }
    });
    for (const { tracker } of known) {
      const { invitationId } = tracker.invitation;
      if (!listed.has(invitationId) && !isOver(tracker.invitation)) await this.#learn(invitationId, options);
    }
  }

  /** Takes a version of an invitation, wherever it comes from. */
  take(invitation: Invitation): void {
    const { tracker } = this.#book.find(invitation.invitationId) ?? {};
    if (tracker === undefined) this.#meet(invitation);
    else tracker.take(invitation);
  }

  takeDtmf({ invitationId, digits }: InvitationDtmf): void {
    this.#book.find(invitationId)?.tracker.emitter.emit("dtmf", { digits });
  }

  /** The session is gone and a new one took its place. */
  sessionLost(): void {
    this.#stopRetrying();
    if (this.#liveEntries().length > 0) void this.#syncUntilDone();
  }

  /** The connection has ended for good. */
  end(): void {
    this.#stopRetrying();
    const error = failure(ErrorCode.NOT_CONNECTED, "The session has ended before the invitation did.");
    for (const { tracker } of this.#book.all()) tracker.giveUp(error);
  }

  #liveEntries(): Entry[] {
    return this.#book.live().filter(({ tracker }) => isKnown(tracker.invitation));
  }

  #takeAnswer(invitation: Invitation | undefined): void {
    if (invitation !== undefined) this.take(invitation);
  }

  /** An invitation that this client has not made and not heard of. */
  #meet(invitation: Invitation): void {
    if (!isKnown(invitation) || isOver(invitation)) return;
    const { userId, onRing } = this.#options;
    if (invitation.caller === userId) this.#keep(this.#outgoing(invitation, {}));
    if (invitation.callee !== userId) return;
    const entry = this.#incoming(invitation);
    this.#keep(entry);
    if (isRinging(invitation)) onRing(entry.invitation);
  }

  #incoming(first: Invitation) {
    const tracker = new InvitationTracker(calleeSide, first, this.#options.logger);
    return this.#entry(new IncomingInvitation(tracker, this.#calls), tracker);
  }

  #outgoing(first: Invitation, options: InviteOptions) {
    const tracker = new InvitationTracker(callerSide, first, this.#options.logger);
    const notes = {
      sending: () => this.#keep(entry),
      notSent: (mayBeSent: boolean) => this.#putAside(entry, mayBeSent),
    };
    const entry = this.#entry(new OutgoingInvitation(tracker, this.#calls, notes, options), tracker);
    return entry;
  }
}
