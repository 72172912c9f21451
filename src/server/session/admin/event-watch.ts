import { type WatchEventsRequest, WatchEventsResponse } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode, type ErrorDetail } from "../../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { encode } from "../../encode.js";
import type { Happenings } from "../../feature/happenings.js";
import { refuseOver } from "../../feature/refusal.js";
import type { Clock, Timer } from "../../runtime.js";

/** How many happenings a watch takes from the memory at once. */
const pageSize = 256;

/** What a watcher is told over. */
export interface WatchListener {
  /** Sends an encoded event. False if no more may be sent before `drained`. */
  send(event: Uint8Array): boolean;
  /** The watch is cut. */
  fail(error: ErrorDetail): void;
}

export interface EventWatchServices {
  readonly happenings: Happenings;
  readonly clock: Clock;
  readonly limits: Limits;
  /** The watch is over. Called once. */
  readonly onEnd: () => void;
}

/**
 * One watcher of an app. It reads from what the node remembers at its own pace, so a slow one costs no memory; what is forgotten
 * meanwhile becomes a told hole, and one that takes nothing at all is cut.
 */
export class EventWatch {
  private readonly stopListening: () => void;
  private place: number;
  private blocked = false;
  private patience: Timer | undefined;
  private ended = false;

  constructor(
    private readonly request: WatchEventsRequest,
    private readonly listener: WatchListener,
    private readonly services: EventWatchServices,
  ) {
    const { happenings } = services;
    const { appId, resumeToken } = request;
    const place = happenings.placeOf(appId, resumeToken);
    this.place = place ?? happenings.presentOf(appId);
    this.stopListening = happenings.listen(appId, () => this.pump());
    if (place === undefined) this.send(happenings.gap(this.place));
    this.pump();
  }

  /** The watcher takes more. */
  drained(): void {
    this.blocked = false;
    this.patience?.cancel();
    this.pump();
  }

  /** Tells nothing more. A second call does nothing. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.stopListening();
    this.patience?.cancel();
    this.services.onEnd();
  }

  private pump(): void {
    const { happenings } = this.services;
    while (!this.blocked && !this.ended && this.place < happenings.presentOf(this.request.appId)) {
      const { events, next } = happenings.read(this.request.appId, this.place, pageSize);
      this.place = next;
      for (const event of events) if (this.isWanted(event)) this.send(event);
    }
  }

  private isWanted({ kind, userId }: WatchEventsResponse): boolean {
    // A hole, which names no user, is told whatever is asked for.
    return userId === "" || this.request.kinds.length === 0 || this.request.kinds.includes(kind);
  }

  private send(event: WatchEventsResponse): void {
    if (this.listener.send(encode(WatchEventsResponse, event)) || this.blocked) return;
    this.blocked = true;
    this.patience = this.services.clock.after(this.services.limits.slowConsumerMs, () => this.cut());
  }

  private cut(): void {
    this.end();
    const message = "the watcher has taken nothing for too long; go on with the last resume token";
    this.listener.fail(refuseOver(ErrorCode.RESOURCE_EXHAUSTED, this.services.limits, "slowConsumerMs", message).detail);
  }
}
