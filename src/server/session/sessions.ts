import { NodeMessage } from "../../../gen/aldis/node/v1/node.js";
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { goodbyeTable } from "../../../gen/aldis/v1/tables/errors.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { encode } from "../encode.js";
import type { Engine } from "../engine/engine.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { SessionDirectory, SessionEntry } from "../engine/ports/session-directory.js";
import type { Channels } from "../feature/channel.js";
import type { Inboxes } from "../feature/inbox/inboxes.js";
import type { StorableSends } from "../feature/inbox/storable-sends.js";
import type { Invitations } from "../feature/invitation/invitations.js";
import { presenceLane } from "../feature/live-session.js";
import type { Unfinished } from "../feature/unfinished.js";
import type { UserDepartures } from "../feature/user-departures.js";
import type { UserLife } from "../feature/user-life.js";
import type { Clock, Timer } from "../runtime.js";
import { dueAt } from "./life.js";
import type { Registry } from "./registry.js";
import type { Session } from "./session.js";

/** How often the node looks at its sessions, in milliseconds: the grain of every time-out of a session. */
const tickMs = 1000;

/** How often a drain looks whether everybody has gone, and how long it lets the last goodbyes leave, in milliseconds. */
const drainPollMs = 100;

/** Why others see a user leave its channels when its session ends for a reason. */
const leaveReasons: Readonly<Partial<Record<GoodbyeReason, LeaveReason>>> = {
  [GoodbyeReason.LOGOUT]: LeaveReason.LOGGED_OUT,
  [GoodbyeReason.REMOTE_LOGIN]: LeaveReason.REMOTE_LOGIN,
  [GoodbyeReason.TOKEN_EXPIRED]: LeaveReason.TOKEN_EXPIRED,
  [GoodbyeReason.KICKED_BY_SERVER]: LeaveReason.KICKED,
  [GoodbyeReason.BANNED_BY_SERVER]: LeaveReason.BANNED,
};

/** What the passing of time and the rest of the cluster do to the sessions of this node. */
export class Sessions {
  /** True once the node shuts down: it lets nobody in any more. */
  draining = false;
  private timer: Timer | undefined;
  private verifyTurn = 0;

  constructor(
    private readonly registry: Registry,
    private readonly engine: Engine,
    private readonly channels: Channels,
    private readonly invitations: Invitations,
    private readonly inboxes: Inboxes,
    private readonly storable: StorableSends,
    private readonly userLife: UserLife,
    private readonly departures: UserDepartures,
    private readonly unfinished: Unfinished,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.timer = this.clock.every(tickMs, () => this.tick());
  }

  stop(): void {
    this.timer?.cancel();
  }

  /**
   * Asks every client to go, and waits until all have gone or `drainMs` is over. Then says goodbye to those that are left.
   * Clients move at moments of their own, spread over the first half of the time.
   */
  async drain(): Promise<void> {
    this.draining = true;
    const deadlineMs = this.limits.drainMs;
    for (const session of this.registry)
      session.pushControl({ $case: "drain", value: { deadlineMs, spreadMs: deadlineMs / 2 } });
    const until = this.clock.monotonic() + deadlineMs;
    while (this.registry.attachedSessions() > 0 && this.clock.monotonic() < until) await this.pause(drainPollMs);
    for (const session of this.registry) session.dropLink(GoodbyeReason.SERVER_DRAINING);
    if (this.registry.sessions() > 0) await this.pause(drainPollMs);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }

  /** Ends a session for good: its client is told, others see the user leave, and the claim is free. */
  async end(session: Session, reason: GoodbyeReason): Promise<void> {
    if (session.ended) return;
    session.end(reason);
    await this.vacate(session, reason);
  }

  /** Ends a session for everybody but its client, who is still to be told: others see the user leave, and the claim is free. */
  vacate(session: Session, reason: GoodbyeReason): Promise<void> {
    session.seal();
    this.registry.remove(session);
    this.userLife.end(session);
    this.unfinished.run(() => this.storable.onEnd(session.user)).catch(this.report);
    return this.unfinished.track(this.depart(session, reason));
  }

  private async depart(session: Session, reason: GoodbyeReason): Promise<void> {
    try {
      await this.channels.end(session, leaveReasons[reason] ?? LeaveReason.CONNECTION_LOST);
    } finally {
      const { user, epoch, endsAttributes } = session;
      const wasOffline = session.presence === PresenceState.OFFLINE;
      const why = `the session ends: ${goodbyeTable[reason].name}`;
      await this.departures.end({ user, epoch }, why, { wasOffline, endsAttributes });
    }
  }

  /** Ends all sessions: the node has lost its place among the others, who have cleared what it had, or are about to. */
  async endAll(): Promise<void> {
    await Promise.all([...this.registry].map((session) => this.end(session, GoodbyeReason.SESSION_EXPIRED)));
  }

  /** A user is about to have a new session. A store that cannot write now is no reason to refuse it. */
  async prepare(user: UserKey, endsAttributes: boolean): Promise<void> {
    await this.userLife.begin(user, endsAttributes).catch(this.report);
  }

  /** Claims a user for a new session. If that fails nobody knows whether it was done: then the claim is freed when that can be known. */
  async claim(
    user: UserKey,
    owner: { readonly sessionId: string; readonly nodeId: string },
  ): ReturnType<SessionDirectory["claim"]> {
    try {
      return await this.engine.sessions.claim(user, owner);
    } catch (failure) {
      this.free(user, owner.sessionId, "the engine did not answer the login that claimed the user");
      throw failure;
    }
  }

  /** Frees the claim of a session that does not begin, since the lease may be over. The one that it has replaced is over all the same. */
  disclaim(user: UserKey, sessionId: string, replaced: SessionEntry | undefined): void {
    if (replaced !== undefined) this.unfinished.run(() => this.endReplaced(replaced)).catch(this.report);
    this.free(user, sessionId, "the node may have fallen during the login that claimed the user");
  }

  private free(user: UserKey, sessionId: string, why: string): void {
    const task = async () => {
      const entry = await this.engine.sessions.find(user);
      if (entry?.sessionId === sessionId) await this.departures.endLeft({ user, epoch: entry.epoch }, why);
    };
    this.unfinished.run(task).catch(this.report);
  }

  /** A session is new: the one that it has replaced ends, on whatever node it is, and the user hears what is stored and what rings. */
  async announce(session: Session, replaced: SessionEntry | undefined): Promise<void> {
    const { user } = session;
    this.userLife.came(user, `a new session begins${replaced === undefined ? "" : ", and replaces another one"}`);
    // The session is open; that others cannot be told now is no reason to refuse it.
    if (replaced !== undefined) await this.unfinished.run(() => this.endReplaced(replaced)).catch(this.report);
    this.inboxes.onLogin(session);
    await this.unfinished.run(() => this.userLife.changed(user)).catch(this.report);
    await this.unfinished.run(async () => session.ended || this.invitations.onLogin(user)).catch(this.report);
  }

  /** Ends the session that a newer login has replaced, on whatever node it is. One whose node has fallen is over. */
  private async endReplaced({ nodeId, sessionId }: SessionEntry): Promise<void> {
    const value = { sessionId, reason: GoodbyeReason.REMOTE_LOGIN };
    const message = encode(NodeMessage, { action: { $case: "endSession", value } });
    await this.engine.nodes.send(nodeId, message);
  }

  /** The client has been heard of again: others see the user online, and back in its channels if it had left them. */
  showOnline(session: Session): Promise<void> {
    return this.show(session, PresenceState.ONLINE, async () => {
      const wasOffline = session.presence === PresenceState.OFFLINE;
      await this.engine.sessions.setPresence(session.user, session.epoch, PresenceState.ONLINE);
      session.presence = PresenceState.ONLINE;
      await this.unfinished.run(() => this.userLife.changed(session.user));
      if (wasOffline) this.userLife.came(session.user, "the client is heard of again, and others see the user online");
      if (wasOffline) await this.channels.comeBack(session);
    });
  }

  /**
   * Shows others one state after another: a user who comes and goes must not end in a state that is over. What the
   * engine cannot take now is tried again with the next look at the session.
   */
  private async show(session: Session, presence: PresenceState, task: () => Promise<void>): Promise<void> {
    if (session.presence === presence) return;
    await session.inOrder(presenceLane, async () => {
      if (session.presence !== presence && !session.ended) await task();
    });
  }

  private tick(): void {
    for (const session of this.registry) this.look(session).catch(this.report);
    this.verifySome().catch(this.report);
  }

  private async look(session: Session): Promise<void> {
    const due = dueAt(session.life, this.clock.monotonic(), this.clock.now(), this.limits);
    if (due.over) return this.end(session, GoodbyeReason.SESSION_EXPIRED);
    if (due.token === "over") return this.end(session, GoodbyeReason.TOKEN_EXPIRED);
    if (due.link === "slow") session.dropLink(GoodbyeReason.SLOW_CONSUMER);
    if (due.link === "silent") session.dropLink(GoodbyeReason.STREAM_REPLACED);
    if (due.token !== session.tokenTold) this.tellToken(session, due.token);
    if (due.presence === PresenceState.ONLINE) await this.showOnline(session);
    else await this.show(session, due.presence, () => this.showAway(session, due.presence));
  }

  private async showAway(session: Session, presence: PresenceState): Promise<void> {
    const { user } = session;
    const shown = await this.engine.sessions.setPresence(user, session.epoch, presence);
    session.presence = presence;
    if (presence === PresenceState.UNREACHABLE) {
      this.userLife.note(user, "the client is silent: others see the user unreachable");
      if (shown !== undefined) await this.unfinished.run(() => this.userLife.changed(user));
      return;
    }
    // Otherwise a newer session of the user shows another state.
    if (shown !== undefined) {
      this.userLife.left(user, "the client has been silent for long: others see the user offline");
      const isAway = () => session.ended || session.presence === PresenceState.OFFLINE;
      await this.unfinished.run(() => (isAway() ? this.userLife.gone(session) : this.userLife.changed(user)));
    }
    await this.channels.depart(session, LeaveReason.CONNECTION_LOST);
    await this.unfinished.run(() => this.invitations.onOffline(user));
  }

  private tellToken(session: Session, token: Session["tokenTold"]): void {
    session.tokenTold = token;
    if (token === "valid") return;
    const expiresAtMs = session.tokenExpiresAtMs;
    const endless = !Number.isFinite(this.limits.tokenGraceMs);
    const sessionEndsAtMs = endless ? 0 : expiresAtMs + this.limits.tokenGraceMs;
    session.pushControl({ $case: "tokenWillExpire", value: { expiresAtMs, sessionEndsAtMs, expired: token === "expired" } });
  }

  /** Ends sessions that are the user's present one no more. A few at a time, so that each has its turn once an interval. */
  private async verifySome(): Promise<void> {
    const ticks = Math.ceil(this.engine.sessions.verifyIntervalMs / tickMs);
    if (!Number.isFinite(ticks)) return;
    this.verifyTurn = (this.verifyTurn + 1) % ticks;
    const sessions = [...this.registry].filter(({ epoch }) => epoch % ticks === this.verifyTurn);
    const states = await this.engine.sessions.verify(sessions);
    await Promise.all(
      sessions.map(async (session, i) => {
        if (states[i] === "replaced") await this.end(session, GoodbyeReason.REMOTE_LOGIN);
        if (states[i] === "lost") await this.end(session, GoodbyeReason.SESSION_EXPIRED);
      }),
    );
  }
}
