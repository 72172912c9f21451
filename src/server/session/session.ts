import type { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import type { ErrorDetail } from "../../../gen/aldis/v1/error.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import type { Capability } from "../../../gen/aldis/v1/session.js";
import { CallResult, ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import { encode } from "../encode.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { EventEntry } from "../event-entry.js";
import type { EventSegment } from "../event-segment.js";
import type { EventFeed, Fate, LiveSession, Membership } from "../feature/live-session.js";
import type { Clock } from "../runtime.js";
import { Frame } from "./frame.js";
import { Lanes } from "./lanes.js";
import type { Life } from "./life.js";
import type { Link } from "./link.js";
import { type Counts, Outbox, type OutboxObserver, type OutboxServices } from "./outbox.js";
import { RateWindows } from "./rate-windows.js";

/** How long a goodbye may take to leave before its link is cut, in milliseconds. */
export const goodbyePatienceMs = 1000;

/** The goodbyes to a link that does not take anything any more. */
const hopeless: ReadonlySet<GoodbyeReason> = new Set([GoodbyeReason.SLOW_CONSUMER, GoodbyeReason.STREAM_REPLACED]);

/** The results that say which channels a session hears: they stay behind what those channels have brought. */
const aboutHearing: ReadonlySet<NonNullable<CallResult["outcome"]>["$case"]> = new Set([
  "joinChannel",
  "leaveChannel",
  "logout",
]);

export type Control = NonNullable<ConnectResponse["control"]>;

export interface SessionObserver extends OutboxObserver {
  /** A link was ended because its client takes too little. */
  onSlowConsumer(): void;
}

/** What the sessions of a node share. */
export interface SessionServices extends OutboxServices {
  readonly clock: Clock;
  readonly observer: SessionObserver;
}

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

/** What a session has of its token. */
export interface SessionToken {
  /** When it was issued, in milliseconds since 1970; infinity without a token, which nobody can revoke. */
  readonly issuedAtMs: number;
  /** When it expires, in milliseconds since 1970; 0 for never. */
  readonly expiresAtMs: number;
  readonly rights: TokenRights;
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
  /** When the session began, in milliseconds since 1970. */
  readonly loggedInAtMs: number;
  private over = false;
  private readonly lanes = new Lanes();
  private readonly roomTasks: (() => void)[] = [];
  private link: Link | undefined;
  private heardAt: number;
  private detachedAt: number | undefined;
  private fullSince: number | undefined;
  private token: SessionToken;

  constructor(
    private readonly identity: SessionIdentity,
    token: SessionToken,
    private readonly services: SessionServices,
  ) {
    const { clock, limits } = services;
    this.outbox = new Outbox(services);
    this.rates = new RateWindows(clock, limits);
    this.heardAt = clock.monotonic();
    this.token = token;
    this.loggedInAtMs = clock.now();
  }

  /** True once the session is over: nothing may be added to it but the answers to what its client has called. */
  get ended(): boolean {
    return this.over;
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

  /** The name of the device. Empty for none. */
  get deviceLabel(): string {
    return this.identity.deviceLabel;
  }

  /** The name and version of the client software. Empty for unknown. */
  get client(): string {
    return this.identity.client;
  }

  /** The address of the peer of the link. Empty without a link. */
  get address(): string {
    return this.link?.address ?? "";
  }

  get attached(): boolean {
    return this.link !== undefined;
  }

  /** True if a link is the one in use. */
  usesLink(link: Link): boolean {
    return this.link === link;
  }

  get life(): Life {
    const { heardAt, detachedAt, fullSince, token } = this;
    return { heardAt, detachedAt, fullSince, tokenExpiresAt: token.expiresAtMs };
  }

  get tokenExpiresAtMs(): number {
    return this.token.expiresAtMs;
  }

  get tokenIssuedAtMs(): number {
    return this.token.issuedAtMs;
  }

  /** What the token allows. */
  get rights(): TokenRights {
    return this.token.rights;
  }

  /** Takes a new token of the same user. */
  renew(token: SessionToken): void {
    this.token = token;
    this.tokenTold = "valid";
  }

  /** Something was heard of the client. */
  heard(): void {
    this.heardAt = this.services.clock.monotonic();
  }

  /**
   * Begins to use a link, behind what the client has received; `welcome` goes first. Channel traffic is held back for at most
   * `maxDelayMs`.
   */
  attach(link: Link, welcome: Frame, maxDelayMs: number): void {
    this.link = link;
    this.detachedAt = undefined;
    this.heard();
    this.outbox.attach(link, welcome, maxDelayMs);
    this.noteFullness();
  }

  /** The link is gone. Does nothing if another one has taken its place. */
  detach(link: Link): void {
    if (this.link !== link) return;
    this.link = undefined;
    this.detachedAt = this.services.clock.monotonic();
    this.fullSince = undefined;
    this.outbox.detach();
  }

  /** Says goodbye over the present link, if there is one, and lets go of it. The session waits to be resumed. */
  dropLink(reason: GoodbyeReason, more: { retryAfterMs?: number; error?: ErrorDetail } = {}): void {
    const { link } = this;
    if (link === undefined) return;
    if (!hopeless.has(reason)) this.outbox.flushAll();
    if (reason === GoodbyeReason.SLOW_CONSUMER) this.services.observer.onSlowConsumer();
    this.detach(link);
    const frame = controlFrame({
      $case: "goodbye",
      value: { reason, retryAfterMs: more.retryAfterMs ?? 0, error: more.error },
    });
    link.send(frame, () => link.end());
    // A link that is stuck or dead never writes it.
    this.services.clock.after(goodbyePatienceMs, () => link.abort());
  }

  /** Nothing is added to the session any more, behind what its channels have brought. */
  seal(): void {
    this.outbox.drain();
    this.over = true;
  }

  /** Ends the session for good. */
  end(reason: GoodbyeReason, more: { retryAfterMs?: number; error?: ErrorDetail } = {}): void {
    this.seal();
    this.dropLink(reason, more);
    this.outbox.end();
    this.runRoomTasks();
  }

  push(entry: EventEntry, settled?: (fate: Fate) => void, sent?: () => void): boolean {
    if (this.over) {
      settled?.("refused");
      return false;
    }
    const taken = this.outbox.pushEvent(entry, settled, sent);
    this.noteFullness();
    return taken;
  }

  pushSegment(segment: EventSegment): boolean {
    if (this.over) return false;
    const taken = this.outbox.pushSegment(segment);
    this.noteFullness();
    return taken;
  }

  follow(feed: EventFeed): void {
    this.outbox.follow(feed);
  }

  pushResult(result: CallResult): void {
    const inOrder = result.outcome !== undefined && aboutHearing.has(result.outcome.$case);
    this.outbox.pushResult(encode(CallResult, result), { inOrder });
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

  overlapping<T>(key: string, task: (begun: () => void) => Promise<T>): Promise<T> {
    return this.lanes.overlap(key, task);
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
    else this.fullSince ??= this.services.clock.monotonic();
  }
}

export function controlFrame(control: Control): Frame {
  return new Frame([encode(ConnectResponse, ConnectResponse.create({ control }))]);
}
