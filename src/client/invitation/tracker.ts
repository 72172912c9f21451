import type { Invitation } from "../../../gen/aldis/v1/invitation.js";
import { Emitter } from "../emitter.js";
import type { AldisError } from "../error.js";
import type { Logger } from "../logger.js";
import type { InvitationEnd, InvitationEvents, InvitationNews, InvitationOutcome } from "./events.js";
import { isOver, project, type Side } from "./projection.js";
import { Settlement } from "./settlement.js";

/** Follows one invitation for one side: knows its newest version, and tells what is new. */
export class InvitationTracker<State> {
  readonly emitter: Emitter<InvitationEvents<State>>;
  readonly outcome = new Settlement<InvitationOutcome>();
  readonly ended = new Settlement<InvitationEnd>();
  readonly #side: Side<State>;
  #invitation: Invitation;

  /** Begins with a version of which nothing is told. */
  constructor(side: Side<State>, invitation: Invitation, logger: Logger) {
    this.emitter = new Emitter(logger);
    this.#side = side;
    this.#invitation = invitation;
  }

  get invitation(): Invitation {
    return this.#invitation;
  }

  get state(): State {
    return this.#side.show(this.#invitation.state);
  }

  /** Takes a version. False if it says nothing new. */
  take(invitation: Invitation): boolean {
    const news = project(this.#side, this.#invitation, invitation);
    if (news === undefined) return false;
    this.#invitation = invitation;
    const { endReason, endedBy, endContent } = invitation;
    if (isOver(invitation)) this.ended.resolve({ reason: endReason, by: endedBy, content: endContent });
    for (const item of news) this.#tell(item);
    return true;
  }

  /** Takes digits. Those that come after the end say nothing. */
  takeDtmf(digits: string): void {
    if (!isOver(this.#invitation)) this.emitter.emit("dtmf", { digits });
  }

  /** Nobody waits any longer. What has its result already keeps it. */
  giveUp(error: AldisError): void {
    this.outcome.reject(error);
    this.ended.reject(error);
  }

  #tell<Name extends keyof InvitationEvents<State>>(news: InvitationNews<State, Name>): void {
    const outcome = outcomeOf(news as InvitationNews<unknown>);
    if (outcome !== undefined) this.outcome.resolve(outcome);
    this.emitter.emit(news.name, news.event);
  }
}

function outcomeOf(news: InvitationNews<unknown>): InvitationOutcome | undefined {
  switch (news.name) {
    case "accepted":
    case "refused":
      return { kind: news.name, ...news.event };
    case "cancelled":
      return { kind: news.name, ...news.event };
    case "failed":
      return { kind: news.name, ...news.event };
    default:
      return undefined;
  }
}
