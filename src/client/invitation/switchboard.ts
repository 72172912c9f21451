import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { Invitation, type InvitationDtmf } from "../../../gen/aldis/v1/invitation.js";
import { AutoSync } from "../auto-sync.js";
import type { Caller } from "../caller.js";
import { AldisError, failure } from "../error.js";
import type { Logger } from "../logger.js";
import type { CallOptions } from "../options.js";
import type { Runtime } from "../runtime.js";
import { InvitationBook } from "./book.js";
import { IncomingInvitation } from "./incoming-invitation.js";
import { type InviteOptions, OutgoingInvitation, type SendNotes } from "./outgoing-invitation.js";
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
interface Entry<Held = AnyInvitation> {
  readonly invitation: Held;
  readonly tracker: Pick<InvitationTracker<unknown>, "invitation" | "take" | "takeDtmf" | "giveUp">;
}

/** Knows the invitations of a client, and connects each with what the server says of it. */
export class Switchboard {
  readonly #options: SwitchboardOptions;
  readonly #book = new InvitationBook<Entry>();
  readonly #calls: InvitationCalls;
  readonly #autoSync: AutoSync;

  constructor(options: SwitchboardOptions) {
    const { caller, runtime, logger } = options;
    this.#options = options;
    const complaint = "The client could not learn what became of its invitations.";
    this.#autoSync = new AutoSync({ runtime, logger, complaint, sync: () => this.sync({}) });
    this.#calls = {
      ask: async (operation, request, callOptions) => {
        try {
          await caller.call(operation, request, callOptions, ({ invitation }) => this.#takeAnswer(invitation));
        } catch (thrown) {
          // The change may have been made, and its late answer will not be heard. A new session is synced anyway.
          if (operation !== "getInvitation" && isGivenUp(thrown)) this.#syncLive();
          throw thrown;
        }
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
    const entry = this.#book.find(invitation.invitationId);
    if (entry === undefined) this.#meet(invitation);
    else if (entry.tracker.take(invitation)) this.#note(entry);
  }

  takeDtmf({ invitationId, digits }: InvitationDtmf): void {
    this.#book.find(invitationId)?.tracker.takeDtmf(digits);
  }

  /** The session is gone and a new one took its place. */
  sessionLost(): void {
    this.#syncLive();
  }

  /** The connection has ended for good. */
  end(): void {
    this.#autoSync.stop();
    const error = failure(ErrorCode.NOT_CONNECTED, "The session has ended before the invitation did.");
    for (const { tracker } of this.#book.all()) tracker.giveUp(error);
  }

  /** Learns what became of those that live, as far as the client knows. */
  #syncLive(): void {
    if (this.#liveEntries().length > 0) this.#autoSync.start();
  }

  #liveEntries(): Entry[] {
    return this.#book.live().filter(({ tracker }) => isKnown(tracker.invitation) && !isOver(tracker.invitation));
  }

  #takeAnswer(invitation: Invitation | undefined): void {
    if (invitation !== undefined) this.take(invitation);
  }

  /** An invitation that this client has not made and not heard of. One that is over is noted, so that it never rings. */
  #meet(invitation: Invitation): void {
    const { userId, logger, onRing } = this.#options;
    if (!isKnown(invitation)) return;
    if (invitation.caller === userId) this.#note(this.#outgoing(invitation, {}));
    if (invitation.callee !== userId) return;
    const tracker = new InvitationTracker(calleeSide, invitation, logger);
    const incoming = new IncomingInvitation(tracker, this.#calls);
    this.#note({ invitation: incoming, tracker });
    if (isRinging(invitation)) onRing(incoming);
  }

  #note(entry: Entry): void {
    const { invitation } = entry.tracker;
    if (isOver(invitation)) this.#book.remember(invitation.invitationId, entry);
    else this.#book.keep(invitation.invitationId, entry);
  }

  #outgoing(first: Invitation, options: InviteOptions): Entry<OutgoingInvitation> {
    const { invitationId: id } = first;
    const tracker = new InvitationTracker(callerSide, first, this.#options.logger);
    const notes: SendNotes = {
      sending: () => this.#book.keep(id, entry),
      notSent: (mayBeSent) => (mayBeSent ? this.#book.remember(id, entry) : this.#book.forget(id)),
    };
    const entry = { invitation: new OutgoingInvitation(tracker, this.#calls, notes, options), tracker };
    return entry;
  }

  /** Learns what became of an invitation that lives no more. */
  async #learn(invitationId: string, options: CallOptions): Promise<void> {
    try {
      await this.#calls.ask("getInvitation", { invitationId }, options);
    } catch (thrown) {
      const entry = this.#book.find(invitationId);
      if (entry === undefined || !isUnknown(thrown)) throw thrown;
      this.take(lastVersion(entry.tracker.invitation));
    }
  }
}

/** True if the application has not waited for the answer. */
function isGivenUp(thrown: unknown): boolean {
  return thrown instanceof AldisError && (thrown.code === ErrorCode.TIMEOUT || thrown.code === ErrorCode.CANCELED);
}

function isUnknown(thrown: unknown): boolean {
  return thrown instanceof AldisError && thrown.code === ErrorCode.INVITATION_NOT_FOUND;
}
