import { type WatchEventsRequest, WatchEventsResponse } from "../../../gen/aldis/v1/admin_service.js";
import type { DeepPartial } from "../../../gen/aldis/v1/stream.js";
import {
  type AdminOperationName,
  type AdminOperations,
  adminOperations,
  adminStreams,
} from "../../../gen/aldis/v1/tables/admin-operations.js";
import type { AldisError } from "../error.js";
import { type Runtime, systemRuntime, type Timer } from "../runtime.js";
import type { AdminTransport } from "./admin-transport.js";

/** How long a watch that was cut waits before it goes on, in milliseconds. */
const watchAgainMs = 1000;

/** Hears what happens in an app. */
export interface AdminWatchListener {
  /** The watch has begun: what happens from now on is told. Called once. Default: nothing is done. */
  onOpen?(): void;
  /** Something happened, or a hole is told (`GAP`). */
  onEvent(event: WatchEventsResponse): void;
  /** The watch is cut or cannot begin, and is tried again from now on, until it is refused or stopped. Default: nothing is done. */
  onInterrupted?(error: AldisError): void;
  /** The server refuses to go on. Not called if the watch is stopped. */
  onRefused(error: AldisError): void;
}

/** What an operator or a back end does with a server. Everything rejects with an `AldisError`. */
export class AdminClient {
  readonly #transport: AdminTransport;
  readonly #runtime: Runtime;

  constructor(transport: AdminTransport, runtime: Runtime = systemRuntime) {
    this.#transport = transport;
    this.#runtime = runtime;
  }

  /** Calls an operation of AdminService. Fields that the request leaves out are empty. */
  async call<K extends AdminOperationName>(
    operation: K,
    request: DeepPartial<AdminOperations[K]["request"]>,
  ): Promise<AdminOperations[K]["response"]> {
    const rule = adminOperations[operation];
    const bytes = rule.request.encode(rule.request.create(request)).finish();
    return rule.response.decode(await this.#transport.call(rule.path, bytes));
  }

  /**
   * Watches logins, logouts, joins and leaves of an app. A watch that breaks goes on by itself behind the last event. Gives what
   * ends it.
   */
  watch(request: DeepPartial<WatchEventsRequest>, listener: AdminWatchListener): () => void {
    const { path, request: requestType } = adminStreams.watchEvents;
    let resumeToken = request.resumeToken ?? "";
    let endStream = () => {};
    let timer: Timer | undefined;
    let isOpen = false;
    const open = () => {
      const bytes = requestType.encode(requestType.create({ ...request, resumeToken })).finish();
      endStream = this.#transport.open(path, bytes, {
        onOpen() {
          if (!isOpen) listener.onOpen?.();
          isOpen = true;
        },
        onMessage(message) {
          const event = WatchEventsResponse.decode(message);
          resumeToken = event.resumeToken;
          listener.onEvent(event);
        },
        onClosed: (error) => {
          if (!error.retryable) return listener.onRefused(error);
          timer = this.#runtime.clock.after(watchAgainMs, open);
          listener.onInterrupted?.(error);
        },
      });
    };
    open();
    return () => {
      timer?.cancel();
      endStream();
    };
  }

  /** Lets go of the connection. */
  close(): void {
    this.#transport.close();
  }
}
