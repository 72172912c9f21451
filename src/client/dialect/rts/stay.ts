import { type LeaveReason, MembershipState } from "../../../../gen/aldis/v1/channel.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { Channel } from "../../channel/channel.js";
import { backOffMs } from "../../connection/backoff.js";
import { AldisError } from "../../error.js";
import type { Runtime, Timer } from "../../runtime.js";
import type { CallbackQueue } from "../shared/callback-queue.js";
import { codeOf } from "../shared/codes.js";
import { type ErrorCode, JoinRoomType, type UserOfflineReason, WarningCode } from "./enums/rooms.js";
import type { Session } from "./session.js";

/** Told of a stay in a room, in its turn among the callbacks. */
export interface StayListener {
  onState(state: 0 | ErrorCode | WarningCode, extraInfo: string): void;
  onUserJoined(uid: string): void;
  onUserLeave(uid: string, reason: UserOfflineReason): void;
  onMessage(uid: string, message: string | Uint8Array): void;
  /** The room is left as asked for. */
  onLeft(): void;
  /** The stay is over, for whatever reason. What ended it is told next. */
  onEnd(): void;
}

export interface StayOptions {
  readonly session: Session;
  readonly roomId: string;
  readonly businessId: string;
  readonly runtime: Runtime;
  readonly queue: CallbackQueue;
}

/** A stay in a room, from the call that joins it until it is left, lost or refused. */
export class Stay {
  readonly #options: StayOptions;
  readonly #listener: StayListener;
  readonly #channel: Channel;
  readonly #removers: (() => void)[];
  /** When the join was called, or began anew, on the monotonic clock. */
  #startedAt: number;
  #wasJoined = false;
  #failures = 0;
  #retry: Timer | undefined;
  #phase: "staying" | "leaving" | "over" = "staying";

  constructor(options: StayOptions, listener: StayListener) {
    this.#options = options;
    this.#listener = listener;
    this.#channel = options.session.client.channel(options.roomId);
    this.#startedAt = options.runtime.clock.monotonic();
    this.#removers = this.#listen();
    this.#joinWhenOut();
  }

  /** Leaves the room. Returns false if that has been done. The client goes on trying if the server does not answer. */
  leave(): boolean {
    if (this.#phase !== "staying") return false;
    this.#phase = "leaving";
    const left = (): void => {
      this.#end();
      this.#listener.onLeft();
    };
    if (this.#channel.state === MembershipState.NOT_JOINED) this.#options.queue.tell(left);
    else this.#options.queue.tellOutcome((onSettled) => this.#channel.leave({ onSettled }), left, left);
    return true;
  }

  /** The user logs out: the stay is over without a word, unless the room is being left. */
  abandon(): void {
    if (this.#phase === "staying") this.#end();
  }

  /** A former stay in this room may still be on its way out. */
  #joinWhenOut(): void {
    if (this.#phase !== "staying") return;
    if (this.#channel.state === MembershipState.NOT_JOINED) {
      this.#join();
      return;
    }
    const remove = this.#channel.on("stateChanged", () => {
      remove();
      this.#joinWhenOut();
    });
  }

  #join(): void {
    const { businessId, queue } = this.#options;
    const type = this.#wasJoined ? JoinRoomType.Reconnected : JoinRoomType.First;
    queue.tellOutcome(
      (onSettled) => this.#channel.join({ businessId, onSettled }),
      () => this.#whileStaying(() => this.#onJoined(type)),
      (thrown) => this.#whileStaying(() => this.#onRefused(thrown)),
    );
  }

  #listen(): (() => void)[] {
    const tell = (run: () => void): void => this.#options.queue.tell(() => this.#whileStaying(run));
    return [
      this.#channel.on("stateChanged", ({ state }) => this.#onMembership(state)),
      this.#channel.on("rejoined", () => tell(() => this.#onJoined(JoinRoomType.Reconnected))),
      this.#channel.on("rejoinFailed", ({ error }) => tell(() => this.#listener.onState(stateOf(error), ""))),
      this.#channel.on("left", ({ reason, error }) => tell(() => this.#onLost(reason, error))),
      this.#channel.on("memberJoined", ({ userId }) => tell(() => this.#listener.onUserJoined(userId))),
      this.#channel.on("memberLeft", ({ userId, reason }) =>
        tell(() => this.#listener.onUserLeave(userId, offlineReasonOf(reason))),
      ),
      this.#channel.on("message", ({ sender, payload }) =>
        tell(() => this.#listener.onMessage(sender, payload.text ?? payload.binary)),
      ),
    ];
  }

  #onMembership(state: MembershipState): void {
    if (state === MembershipState.JOINED) this.#wasJoined = true;
    if (state === MembershipState.JOINING && this.#wasJoined) this.#startedAt = this.#options.runtime.clock.monotonic();
  }

  #onJoined(type: JoinRoomType): void {
    this.#failures = 0;
    const elapsed = Math.round(this.#options.runtime.clock.monotonic() - this.#startedAt);
    this.#listener.onState(0, JSON.stringify({ elapsed, join_type: type }));
  }

  #onRefused(thrown: unknown): void {
    const state = stateOf(thrown);
    if (state === WarningCode.JoinRoomFailed) this.#retryLater(thrown);
    else this.#end();
    this.#listener.onState(state, "");
  }

  #retryLater(thrown: unknown): void {
    const { runtime } = this.#options;
    this.#failures += 1;
    const minimumMs = thrown instanceof AldisError ? thrown.retryAfterMs : 0;
    this.#retry = runtime.clock.after(backOffMs(this.#failures, minimumMs, runtime.random()), () => this.#join());
  }

  /** The session was taken out of the room, is over, or could not join again. */
  #onLost(reason: LeaveReason, error: AldisError | undefined): void {
    if (error !== undefined) {
      this.#onRefused(error);
      return;
    }
    this.#end();
    this.#listener.onState(dialectCode("RTS_ROOM", "LeaveReason", reason) as ErrorCode, "");
  }

  #whileStaying(run: () => void): void {
    if (this.#phase === "staying") run();
  }

  #end(): void {
    this.#phase = "over";
    this.#retry?.cancel();
    for (const remove of this.#removers) remove();
    this.#listener.onEnd();
  }
}

function stateOf(thrown: unknown): ErrorCode | WarningCode {
  return codeOf("RTS_ROOM", thrown) as ErrorCode | WarningCode;
}

function offlineReasonOf(reason: LeaveReason): UserOfflineReason {
  return dialectCode("RTS_USER_OFFLINE", "LeaveReason", reason) as UserOfflineReason;
}
