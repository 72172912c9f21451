import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { DialectTable } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { AldisClient } from "../../client.js";
import { failure } from "../../error.js";
import type { CallOptions } from "../../options.js";
import { type Runtime, systemRuntime } from "../../runtime.js";
import { CallbackQueue } from "../shared/callback-queue.js";
import type { DialectOptions } from "../shared/options.js";
import { RateWindow } from "../shared/rate-window.js";
import type { EventArguments, EventEmitter } from "./event-emitter.js";
import { RtmLog } from "./log.js";
import { toRtmError } from "./rtm-error.js";

/** What all parts of an RTM client share: the session, the order of what is told, and how failures become codes. */
export class RtmContext {
  readonly runtime: Runtime;
  readonly log: RtmLog;
  readonly queue: CallbackQueue;
  /** Messages to peers and channels: at most 180 in 3 seconds. */
  readonly sends: RateWindow;
  /** The client of the present login. Undefined without one. */
  client: AldisClient | undefined;
  #released = false;

  constructor({ runtime = systemRuntime, logger }: DialectOptions) {
    this.runtime = runtime;
    this.log = new RtmLog(runtime.clock, logger);
    this.sends = new RateWindow(runtime.clock, 180, 3_000);
    this.queue = new CallbackQueue((sentence) => this.log.warn(sentence));
  }

  /** Ends everything: no event is told from now on, and calls fail with `NOT_INITIALIZED`. */
  release(): void {
    this.#released = true;
    this.queue.close();
  }

  /** Throws `NOT_INITIALIZED` after the release. */
  checkAlive(): void {
    if (this.#released) throw failure(ErrorCode.NOT_INITIALIZED, "The client was released.");
  }

  /** The client of the present login. Throws `NOT_INITIALIZED` or `NOT_LOGGED_IN`. */
  session(): AldisClient {
    this.checkAlive();
    if (this.client === undefined) throw failure(ErrorCode.NOT_LOGGED_IN, "Log in first.");
    return this.client;
  }

  /** Does something for the application, and answers it in its turn. What `work` throws becomes a code of the table. */
  answer<T>(table: DialectTable, work: (onSettled: () => void) => Promise<T>): Promise<T> {
    return this.queue.answer(async (onSettled) => {
      try {
        return await work(onSettled);
      } catch (thrown) {
        throw toRtmError(table, thrown);
      }
    });
  }

  /** The same for what needs a login. */
  call<T>(table: DialectTable, timeoutMs: number, work: (client: AldisClient, options: CallOptions) => Promise<T>): Promise<T> {
    return this.answer(table, async (onSettled) => await work(this.session(), { timeoutMs, onSettled }));
  }

  /** Tells an event in its turn. */
  tell<Events extends object, Name extends keyof Events>(
    emitter: EventEmitter<Events>,
    event: Name,
    ...args: EventArguments<Events[Name]>
  ): void {
    this.queue.tell(() => this.emit(emitter, event, ...args));
  }

  /** Tells an event now, for what has its turn. A listener that throws is reported, and the next is called all the same. */
  emit<Events extends object, Name extends keyof Events>(
    emitter: EventEmitter<Events>,
    event: Name,
    ...args: EventArguments<Events[Name]>
  ): void {
    for (const listener of emitter.rawListeners(event)) {
      try {
        listener(...args);
      } catch (thrown) {
        this.log.warn(`A listener of "${String(event)}" threw.`, thrown);
      }
    }
  }
}
