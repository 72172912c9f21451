import type { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import type { ErrorDetail } from "../../../gen/aldis/v1/error.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import type { Capability } from "../../../gen/aldis/v1/session.js";
import { CallResult, ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { EventEntry } from "../event-entry.js";
import type { Fate, LiveSession, Membership } from "../feature/live-session.js";
import type { Clock } from "../runtime.js";
import { Lanes } from "./lanes.js";
import type { Life } from "./life.js";
import type { Link } from "./link.js";
import { type Counts, Outbox, type OutboxObserver } from "./outbox.js";
import { RateWindows } from "./rate-windows.js";

/** How long a goodbye may take to leave before its link is cut, in milliseconds. */
export const goodbyePatienceMs = 1000;

/** The goodbyes to a link that does not take anything any more. */
const hopeless: ReadonlySet<GoodbyeReason> = new Set([GoodbyeReason.SLOW_CONSUMER, GoodbyeReason.STREAM_REPLACED]);

export type Control = NonNullable<ConnectResponse["control"]>;

export interface SessionIdentity {
  readonly id: string;
  readonly user: UserKey;
  readonly epoch: number;
  readonly capabilities: ReadonlySet<Capability>;
  /** True if the user's attributes end with the session. */
  readonly endsAttributes: boolean;
  readonly deviceLabel: string;
  readonly client: string;
}

/** One user's session: it outlives its links, and keeps what its client has not received. */
export class Session implements LiveSession {
  readonly memberships = new Map<string, Membership>();
  readonly rates: RateWindows;
  readonly outbox: Outbox;
  /** The calls that have come, over all links. */
  callsReceived = 0;
  callsInFlight = 0;
  /** What others see of the user, as they were last told. */
  presence: PresenceState = PresenceState.ONLINE;
  /** What the client was last told of its token. */
  tokenTold: "valid" | "expiring" | "expired" = "valid";
  rights: TokenRights;
  /** True once the session is over: nothing may be added to it but the answers to what its client has called. */
  ended = false;
  private readonly lanes = new Lanes();
  private readonly roomTasks: (() => void)[] = [];
  private link: Link | undefined;
  private heardAt: number;
  private detachedAt: number | undefined;
  private fullSince: number | undefined;
  private expiresAt: number;

  constructor(
    private readonly identity: SessionIdentity,
    token: { readonly expiresAtMs: number; readonly rights: TokenRights },
    private readonly clock: Clock,
    limits: Limits,
    observer: OutboxObserver,
  ) {
    this.outbox = new Outbox(limits, observer);
    this.rates = new RateWindows(clock, limits);
    this.heardAt = clock.monotonic();
    this.expiresAt = token.expiresAtMs;
    this.rights = token.rights;
  }

  get id(): string {
    return this.identity.id;
  }

  get user(): UserKey {
    return this.identity.user;
  }

  get epoch(): number {
    return this.identity.epoch;
  }

  get capabilities(): ReadonlySet<Capability> {
    return this.identity.capabilities;
  }

  get endsAttributes(): boolean {
    return this.identity.endsAttributes;
  }

  get attached(): boolean {
    return this.link !== undefined;
  }

  /** True if a link is the one in use. */
  usesLink(link: Link): boolean {
    return this.link === link;
  }

  get life(): Life {
    const { heardAt, detachedAt, fullSince, expiresAt } = this;
    return { heardAt, detachedAt, fullSince, tokenExpiresAt: expiresAt };
  }

  get tokenExpiresAtMs(): number {
    return this.expiresAt;
  }

  /** Takes a new token of the same user. */
  renew(token: { readonly expiresAtMs: number; readonly rights: TokenRights }): void {
    this.expiresAt = token.expiresAtMs;
    this.rights = token.rights;
    this.tokenTold = "valid";
  }

  /** Something was heard of the client. */
  heard(): void {
    this.heardAt = this.clock.monotonic();
  }

  /** Begins to use a link, behind what the client has received; `welcome` goes first. */
  attach(link: Link, welcome: Uint8Array): void {
    this.link = link;
    this.detachedAt = undefined;
    this.heard();
    this.outbox.attach(link, welcome);
    this.noteFullness();
  }

  /** The link is gone. Does nothing if another one has taken its place. */
  detach(link: Link): void {
    if (this.link !== link) return;
    this.link = undefined;
    this.detachedAt = this.clock.monotonic();
    this.fullSince = undefined;
    this.outbox.detach();
  }

  /** Says goodbye over the present link, if there is one, and lets go of it. The session waits to be resumed. */
  dropLink(reason: GoodbyeReason, more: { retryAfterMs?: number; error?: ErrorDetail } = {}): void {
    const { link } = this;
    if (link === undefined) return;
    if (!hopeless.has(reason)) this.outbox.flushAll();
    this.detach(link);
    const frame = controlFrame({
      $case: "goodbye",
      value: { reason, retryAfterMs: more.retryAfterMs ?? 0, error: more.error },
    });
    link.send(frame, () => link.end());
    // A link that is stuck or dead never writes it.
    this.clock.after(goodbyePatienceMs, () => link.abort());
  }

  /** Ends the session for good. */
  end(reason: GoodbyeReason, more: { retryAfterMs?: number; error?: ErrorDetail } = {}): void {
    this.ended = true;
    this.dropLink(reason, more);
    this.outbox.end();
    this.runRoomTasks();
  }

  push(entry: EventEntry, settled?: (fate: Fate) => void): void {
    if (this.ended) {
      settled?.("refused");
      return;
    }
    this.outbox.pushEvent(entry, settled);
    this.noteFullness();
  }

  pushResult(result: CallResult): void {
    this.outbox.pushResult(CallResult.encode(result).finish());
    this.noteFullness();
  }

  pushControl(control: Control): void {
    this.outbox.pushControl(controlFrame(control));
  }

  /** Takes an acknowledgement. False if it is for more than was sent. */
  acknowledge(counts: Counts): boolean {
    const wasFull = this.outbox.full;
    const possible = this.outbox.acknowledge(counts);
    if (wasFull && !this.outbox.full) this.catchUp();
    this.noteFullness();
    return possible;
  }

  whenRoom(task: () => void): void {
    this.roomTasks.push(task);
  }

  inOrder<T>(key: string, task: () => Promise<T>): Promise<T> {
    return this.lanes.run(key, task);
  }

  private catchUp(): void {
    for (const membership of this.memberships.values()) membership.tellMissed();
    this.runRoomTasks();
  }

  private runRoomTasks(): void {
    for (const task of this.roomTasks.splice(0)) task();
  }

  private noteFullness(): void {
    if (!this.outbox.full || !this.attached) this.fullSince = undefined;
    else this.fullSince ??= this.clock.monotonic();
  }
}

export function controlFrame(control: Control): Uint8Array {
  return ConnectResponse.encode(ConnectResponse.create({ control })).finish();
}
