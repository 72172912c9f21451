import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { type Invitation, InvitationState, InvitationTrigger } from "../../../../gen/aldis/v1/invitation.js";
import { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import type { Event } from "../../../../gen/aldis/v1/stream.js";
import type { Engine } from "../../engine/engine.js";
import type { StoredInvitation } from "../../engine/ports/invitation-store.js";
import type { UserKey } from "../../engine/ports/keys.js";
import type { Clock, Timer } from "../../runtime.js";
import { Refusal, refuse } from "../refusal.js";
import type { TraceRecorder } from "../trace.js";
import type { Unfinished } from "../unfinished.js";
import type { UserEvents } from "../user-events.js";
import { applyChange, awaitsAcknowledgement, type Change, onOffline, onTimer, refuseUnknown, tellAgainMs } from "./rules.js";

/** How often timers are looked at, in milliseconds, and how many at a time. */
const tickMs = 250;
const timersPerTick = 1000;
/** How long an invitation that ended is kept, so that late calls hear how it ended, in milliseconds. */
const keepEndedMs = 5 * 60 * 1000;
/** How often a change is tried again when another one came first. Each time the invitation is a step nearer to its end. */
const triesMax = 8;

/**
 * The invitations of all users. The server owns their state: every change is a compare-and-set on the version, so a race has one
 * winner and the loser hears the outcome (`one-outcome`). After each change both sides are told, but for the one who made it. Its
 * timer is short until then: if the node dies or the engine fails meanwhile, some node finds it due and tells both.
 */
export class Invitations {
  private timer: Timer | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly events: UserEvents,
    private readonly trace: TraceRecorder,
    private readonly clock: Clock,
    private readonly unfinished: Pick<Unfinished, "run">,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.timer = this.clock.every(tickMs, () => this.runTimers().catch(this.report));
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** Changes an invitation, and tells the other side. Gives it as it is then, or why it cannot be. */
  async change(appId: string, invitationId: string, change: Change): Promise<Invitation | Refusal> {
    for (let attempt = 0; attempt < triesMax; attempt += 1) {
      const stored = await this.engine.invitations.find(appId, invitationId);
      if (stored === undefined) return refuseUnknown();
      const next = applyChange(stored, change, this.clock.now());
      if (next instanceof Refusal) {
        this.note(stored, `${by(change)} comes too late or is not allowed: ${next.detail.message}`);
        return next;
      }
      if (await this.engine.invitations.replace(next, stored.invitation.version)) {
        this.note(next, `${by(change)} makes it ${stateName(next.invitation)}`);
        await this.tellOfChange(next, actorOf(next.invitation, change));
        return next.invitation;
      }
    }
    return refuse(ErrorCode.UNAVAILABLE, "the invitation changes too often; read it and try again");
  }

  /** Tells of a new invitation, when nobody waits for it any more. */
  announce(stored: StoredInvitation): void {
    const { caller, callee } = stored.invitation;
    this.note(stored, `user "${caller}" calls user "${callee}"`);
    this.tellOfChange(stored, caller).catch(this.report);
  }

  /** Tells of a change. What cannot be told now keeps its short timer; so does what a client is still to acknowledge. */
  private async tellOfChange(next: StoredInvitation, knows: string): Promise<void> {
    try {
      const told = await this.tell(next, knows);
      if (told && awaitsAcknowledgement(next.invitation)) return;
    } catch (failure) {
      return this.report(failure);
    }
    this.setTimer(next, next.invitation.expiresAtMs).catch(this.report);
  }

  /** Tells both sides of a new state, but for one who knows. False if one has no session: its client hears of it at the next login. */
  private async tell({ appId, invitation }: Pick<StoredInvitation, "appId" | "invitation">, knows: string): Promise<boolean> {
    const sides = [invitation.caller, invitation.callee].filter((userId) => userId !== knows);
    const told = await Promise.all(sides.map((userId) => this.tellUser(appId, userId, invitation)));
    return told.every((one) => one);
  }

  /** A client has acknowledged an event: an invitation that rings is received, an acceptance is confirmed. */
  onAcknowledged({ appId, userId }: UserKey, event: NonNullable<Event["event"]>): void {
    if (event.$case !== "invitation") return;
    const { state, callee, caller, invitationId } = event.value;
    const receives = state === InvitationState.SENT && userId === callee;
    const confirms = state === InvitationState.ACCEPT_SENT && userId === caller;
    if (!receives && !confirms) return;
    const trigger = receives ? InvitationTrigger.RECEIVE : InvitationTrigger.CONFIRM;
    // Too late is no fault: the invitation has gone on meanwhile.
    this.unfinished.run(() => this.change(appId, invitationId, { trigger, by: userId })).catch(this.report);
  }

  /** A user has a new session: it hears of all its live invitations. A client that knows a version ignores it. */
  async onLogin({ appId, userId }: UserKey): Promise<void> {
    for (const { invitation } of await this.engine.invitations.live(appId, userId)) {
      await this.tellUser(appId, userId, invitation);
    }
  }

  private async tellUser(appId: string, userId: string, invitation: Invitation): Promise<boolean> {
    const told = await this.events.tell({ appId, userId }, { $case: "invitation", value: invitation });
    const outcome = told ? "is told" : "has no session, and is not told";
    this.note({ appId, invitation }, `user "${userId}" ${outcome} that it is ${stateName(invitation)}`);
    return told;
  }

  private note({ appId, invitation }: Pick<StoredInvitation, "appId" | "invitation">, text: string): void {
    this.trace.note({ kind: "invitation", appId, id: invitation.invitationId }, text);
  }

  /** A user is offline for others. */
  async onOffline({ appId, userId }: UserKey): Promise<void> {
    for (const { invitation } of await this.engine.invitations.live(appId, userId)) {
      const other = invitation.caller === userId ? invitation.callee : invitation.caller;
      const change = onOffline(invitation, userId, await this.isOnline({ appId, userId: other }));
      if (change !== undefined) await this.change(appId, invitation.invitationId, change);
    }
  }

  async isOnline(user: UserKey): Promise<boolean> {
    const [presence] = await this.engine.sessions.presence([user]);
    return presence !== undefined && presence.state !== PresenceState.OFFLINE;
  }

  private async runTimers(): Promise<void> {
    const now = this.clock.now();
    const { invitations } = this.engine;
    const [due] = await Promise.all([
      invitations.due(now, timersPerTick),
      invitations.forgetEnded(now - keepEndedMs, timersPerTick),
    ]);
    await Promise.all(due.map((stored) => this.runTimer(stored, now).catch(this.report)));
  }

  private async runTimer(stored: StoredInvitation, nowMs: number): Promise<void> {
    const { appId, invitation } = stored;
    const online = await this.isOnline({ appId, userId: invitation.callee });
    const due = onTimer(stored, online, nowMs);
    if ("trigger" in due) await this.change(appId, invitation.invitationId, due);
    else await this.tellAgain(stored, due.lookAgainAtMs);
  }

  /** Tells both sides, then moves the timer. It waits first, so that a telling that fails is not tried again at each tick. */
  private async tellAgain(stored: StoredInvitation, lookAgainAtMs: number): Promise<void> {
    if (!(await this.setTimer(stored, this.clock.now() + tellAgainMs))) return;
    await this.tell(stored, "");
    await this.setTimer(stored, lookAgainAtMs);
  }

  /** Moves the timer of a version. False if there is a newer one. */
  private setTimer(stored: StoredInvitation, dueAtMs: number): Promise<boolean> {
    return this.engine.invitations.replace({ ...stored, dueAtMs }, stored.invitation.version);
  }
}

const namesOf = (names: Readonly<Record<string, number>>) =>
  new Map(Object.entries(names).map(([name, value]) => [value, name]));
const stateNames = namesOf(InvitationState);
const triggerNames = namesOf(InvitationTrigger);

function stateName({ state }: Invitation): string {
  return stateNames.get(state) ?? String(state);
}

/** A change for people, such as "ACCEPT by bob". */
function by({ trigger, by: userId }: Change): string {
  return `${triggerNames.get(trigger) ?? trigger} by ${userId === "" ? "the server" : `user "${userId}"`}`;
}

/** Who made a change, and so knows of it. Nobody for a change of the server's. */
function actorOf({ caller, callee }: Invitation, { trigger, by }: Change): string {
  if (trigger === InvitationTrigger.RECEIVE) return callee;
  return trigger === InvitationTrigger.CONFIRM ? caller : by;
}
