import {
  type JoinChannelRequest,
  type JoinChannelResponse,
  JoinInclude,
  LeaveReason,
  MembershipState,
  MembershipTrigger,
} from "../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { backOffMs } from "../connection/backoff.js";
import type { Outcome } from "../connection/calls.js";
import type { Connection } from "../connection/connection.js";
import { canceled, watchDeadline } from "../connection/deadline.js";
import type { Emitter } from "../emitter.js";
import { type AldisError, failure } from "../error.js";
import type { CallOptions } from "../options.js";
import type { Runtime, Timer } from "../runtime.js";
import type { ChannelCursor } from "./cursor.js";
import type { ChannelEvents } from "./events.js";
import { initialMembership, stepMembership } from "./membership.js";

/** How to join. */
export interface JoinOptions extends CallOptions {
  /** True to get one's own messages too. Default: false. */
  readonly receiveOwnMessages?: boolean;
  /** True to leave all other channels in the same step. Default: false. */
  readonly exclusive?: boolean;
  /** A tag of the application for this membership, for operators. Default: none. */
  readonly businessId?: string;
  /** True to be told the latest members in the answer. Default: false. */
  readonly includeMembers?: boolean;
  /** True to be told the attributes of the channel in the answer. Default: false. */
  readonly includeAttributes?: boolean;
}

export interface MemberOptions {
  readonly channel: string;
  readonly runtime: Runtime;
  readonly connection: Connection;
  readonly emitter: Emitter<ChannelEvents>;
  readonly cursor: ChannelCursor;
  /** The time in milliseconds for a join or a leave that gives none. */
  readonly callTimeoutMs: number;
  /** What takes the session out of its other channels, if it is still in them as it is now. */
  readonly leaveOthers: () => () => void;
}

interface PendingJoin {
  readonly options: JoinOptions;
  /** On the monotonic clock. */
  readonly deadline: number;
  readonly settle: (outcome: Outcome<JoinChannelResponse>) => void;
}

const answers: ReadonlySet<MembershipTrigger> = new Set([
  MembershipTrigger.JOINED,
  MembershipTrigger.REFUSED,
  MembershipTrigger.LEFT,
]);

/** Runs the machine of one membership: joins, leaves, and joins again by itself after a lost session. */
export class ChannelMember {
  readonly #options: MemberOptions;
  readonly #leaveWaiters = new Set<(error: AldisError | undefined) => void>();
  #membership = initialMembership;
  /** Changes with all but an answer, so that an answer that comes later means nothing. */
  #attempt = 0;
  /** Withdraws the join that was sent last: one that still waits for a link must not follow what has overtaken it. */
  #withdrawJoin = () => {};
  #failures = 0;
  #retry: Timer | undefined;
  #join: PendingJoin | undefined;
  #receivesOwn = false;
  #businessId = "";

  constructor(options: MemberOptions) {
    this.#options = options;
  }

  get state(): MembershipState {
    return this.#membership.state;
  }

  /** True if the member gets its own messages too. */
  get receivesOwn(): boolean {
    return this.#receivesOwn;
  }

  /** Joins. Rejects with `ALREADY_IN_CHANNEL` unless the state is `NOT_JOINED`. */
  join(options: JoinOptions): Promise<JoinChannelResponse> {
    const { runtime, cursor, callTimeoutMs } = this.#options;
    if (this.state !== MembershipState.NOT_JOINED) {
      return Promise.reject(failure(ErrorCode.ALREADY_IN_CHANNEL, "Leave the channel, and wait for it, before the next join."));
    }
    return new Promise((resolve, reject) => {
      const deadline = runtime.clock.monotonic() + (options.timeoutMs ?? callTimeoutMs);
      const settle = (outcome: Outcome<JoinChannelResponse>): void => {
        options.onSettled?.();
        if (outcome.ok) resolve(outcome.response);
        else reject(outcome.error);
      };
      cursor.reset();
      this.#receivesOwn = options.receiveOwnMessages ?? false;
      this.#businessId = options.businessId ?? "";
      this.#join = { options, deadline, settle };
      this.#step(MembershipTrigger.JOIN);
    });
  }

  /** Leaves. Rejects with `NOT_IN_CHANNEL` if the state is `NOT_JOINED`. After another error the client goes on trying. */
  leave({ timeoutMs = this.#options.callTimeoutMs, signal, onSettled }: CallOptions): Promise<void> {
    if (this.state === MembershipState.NOT_JOINED) {
      return Promise.reject(failure(ErrorCode.NOT_IN_CHANNEL, "The channel is not joined."));
    }
    if (signal?.aborted) return Promise.reject(canceled());
    return new Promise((resolve, reject) => {
      const waiter = (error: AldisError | undefined): void => {
        unwatch();
        this.#leaveWaiters.delete(waiter);
        onSettled?.();
        if (error === undefined) resolve();
        else reject(error);
      };
      const unwatch = watchDeadline(this.#options.runtime.clock, { timeoutMs, signal }, waiter);
      this.#leaveWaiters.add(waiter);
      this.#settleJoin({ ok: false, error: failure(ErrorCode.CANCELED, "The channel was left during the join.") });
      this.#step(MembershipTrigger.LEAVE);
    });
  }

  /** The session is gone and a new one took its place. */
  sessionLost(): void {
    this.#settleLeaves(undefined);
    this.#step(MembershipTrigger.SESSION_LOST);
  }

  /** The session was taken out of the channel, or has ended. */
  remove(reason: LeaveReason): void {
    const left = this.state === MembershipState.JOINED || this.#membership.rejoining;
    this.#settleJoin({ ok: false, error: failure(ErrorCode.NOT_CONNECTED, "The session left the channel during the join.") });
    this.#settleLeaves(undefined);
    this.#step(MembershipTrigger.REMOVED);
    if (left) this.#options.emitter.emit("left", { reason, error: undefined });
  }

  /** What removes the session from the channel if it is still in it as it is now. */
  switchedAway(): () => void {
    const attempt = this.#attempt;
    return () => {
      if (attempt === this.#attempt) this.remove(LeaveReason.SWITCHED);
    };
  }

  /** Promises are settled before a step, since a listener may begin the next join or leave. */
  #step(trigger: MembershipTrigger): void {
    const before = this.state;
    const step = stepMembership(this.#membership, trigger);
    if (step === undefined) return;
    this.#membership = step.membership;
    this.#retry?.cancel();
    if (!answers.has(trigger)) this.#attempt += 1;
    if (this.state !== before) this.#options.emitter.emit("stateChanged", { state: this.state });
    // A listener may have left the channel at once.
    if (this.#membership !== step.membership) return;
    if (step.send === "join") this.#sendJoin();
    if (step.send === "leave") this.#sendLeave();
  }

  #sendJoin(): void {
    const { connection, runtime, leaveOthers } = this.#options;
    const join = this.#join;
    const switchHere = join?.options.exclusive ? leaveOthers() : undefined;
    const timeoutMs = join && Math.max(0, join.deadline - runtime.clock.monotonic());
    const options = { timeoutMs, signal: join?.options.signal, first: this.#membership.rejoining };
    const attempt = this.#attempt;
    this.#withdrawJoin();
    this.#withdrawJoin = connection.start("joinChannel", this.#joinRequest(join?.options), options, (outcome) => {
      if (attempt !== this.#attempt) return;
      if (outcome.ok) this.#onJoined(outcome.response, switchHere);
      else this.#onRefused(outcome.error);
    });
  }

  /** A join of the client's own goes on where the application is, and leaves no other channel. */
  #joinRequest(options: JoinOptions | undefined): JoinChannelRequest {
    return {
      channel: this.#options.channel,
      exclusive: options?.exclusive ?? false,
      receiveOwnMessages: this.#receivesOwn,
      recoverFrom: this.#options.cursor.position,
      businessId: this.#businessId,
      include: included(options),
    };
  }

  #onJoined(response: JoinChannelResponse, switchHere: (() => void) | undefined): void {
    const { cursor, emitter } = this.#options;
    const { rejoining } = this.#membership;
    const { recovery, recoveredMessages, gap } = response;
    this.#failures = 0;
    cursor.join(response);
    switchHere?.();
    this.#settleJoin({ ok: true, response });
    this.#step(MembershipTrigger.JOINED);
    if (!rejoining) return;
    emitter.emit("rejoined", { recovery, recoveredMessages, gap });
    if (gap !== undefined) emitter.emit("gap", gap);
  }

  #onRefused(error: AldisError): void {
    const { rejoining } = this.#membership;
    if (rejoining && error.retryable) {
      this.#retryLater(error, () => this.#sendJoin());
      this.#options.emitter.emit("rejoinFailed", { error });
      return;
    }
    // Nobody knows whether the server has let the session in.
    if (error.code === ErrorCode.TIMEOUT || error.code === ErrorCode.CANCELED) this.#leaveQuietly();
    this.#settleJoin({ ok: false, error });
    this.#step(MembershipTrigger.REFUSED);
    if (rejoining) this.#options.emitter.emit("left", { reason: LeaveReason.CONNECTION_LOST, error });
  }

  #leaveQuietly(): void {
    this.#options.connection.start("leaveChannel", { channel: this.#options.channel }, {}, () => {});
  }

  #sendLeave(): void {
    const attempt = this.#attempt;
    this.#options.connection.start("leaveChannel", { channel: this.#options.channel }, {}, (outcome) => {
      if (attempt !== this.#attempt) return;
      if (outcome.ok || outcome.error.code === ErrorCode.NOT_IN_CHANNEL) this.#onLeft();
      else this.#onLeaveFailed(outcome.error);
    });
  }

  #onLeft(): void {
    this.#failures = 0;
    this.#settleLeaves(undefined);
    this.#step(MembershipTrigger.LEFT);
  }

  #onLeaveFailed(error: AldisError): void {
    this.#settleLeaves(error);
    this.#retryLater(error, () => this.#sendLeave());
  }

  #retryLater(error: AldisError, task: () => void): void {
    const { runtime } = this.#options;
    this.#failures += 1;
    this.#retry = runtime.clock.after(backOffMs(this.#failures, error.retryAfterMs, runtime.random()), task);
  }

  #settleJoin(outcome: Outcome<JoinChannelResponse>): void {
    const join = this.#join;
    this.#join = undefined;
    join?.settle(outcome);
  }

  #settleLeaves(error: AldisError | undefined): void {
    for (const waiter of [...this.#leaveWaiters]) waiter(error);
  }
}

function included(options: JoinOptions = {}): JoinInclude[] {
  const members = options.includeMembers ? [JoinInclude.MEMBERS] : [];
  return options.includeAttributes ? [...members, JoinInclude.ATTRIBUTES] : members;
}
