import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { type OperationName, type Operations, operations } from "../../../gen/aldis/v1/tables/operations.js";
import type { AppLimits } from "../feature/app-limits.js";
import type { CallContext, Handler, Handlers, SessionContext } from "../feature/call-context.js";
import { Refusal, refuse, refuseFailed, refuseOver } from "../feature/refusal.js";
import type { RateWindows } from "./rate-windows.js";
import { validate } from "./validate.js";

export interface DispatchObserver {
  /** A call was answered. `code` is undefined if all went well, and `app` if an operator called. */
  onCall(operation: string, code: ErrorCode | undefined, ms: number, app?: string): void;
  /** A handler failed. The caller hears only that the server did. */
  onFailure(operation: string, failure: unknown): void;
}

/** Answers calls from both doors with one handler table. Whatever the request holds, the answer is a response or a refusal. */
export class Dispatcher {
  constructor(
    private readonly handlers: Handlers,
    private readonly limits: Limits,
    private readonly apps: AppLimits,
    private readonly monotonic: () => number,
    private readonly observer: DispatchObserver,
    /** The refusal of every call while the node may not serve. */
    private readonly refuseNow: () => Refusal | undefined = () => undefined,
  ) {}

  async dispatch<K extends OperationName>(
    name: K,
    request: Operations[K]["request"],
    context: CallContext,
    rates: RateWindows,
  ): Promise<Operations[K]["response"] | Refusal> {
    const startedAt = this.monotonic();
    let answer: Operations[K]["response"] | Refusal | undefined = this.refuse(name, request, context, rates);
    try {
      // What is not refused has a handler. One that needs a session gets one, and the others do not look.
      answer ??= await (this.handlers[name] as Handler<K>)(context as SessionContext, request);
    } catch (failure) {
      this.observer.onFailure(operations[name].name, failure);
      answer = refuseFailed(failure);
    }
    const code = answer instanceof Refusal ? answer.detail.code : undefined;
    this.observer.onCall(operations[name].name, code, this.monotonic() - startedAt, context.user.appId);
    return answer;
  }

  private refuse<K extends OperationName>(
    name: K,
    request: Operations[K]["request"],
    { session, user }: CallContext,
    rates: RateWindows,
  ): Refusal | undefined {
    const operation = operations[name];
    if (this.handlers[name] === undefined) {
      const message = `this server does not offer ${operation.name}; Welcome.capabilities says what it offers`;
      return refuse(ErrorCode.UNIMPLEMENTED, message);
    }
    if (operation.needsSession && session === undefined) {
      return refuse(ErrorCode.NOT_LOGGED_IN, "the call needs a live session: name it in the metadata aldis-session-id");
    }
    return (
      this.refuseNow() ?? validate(operation.requestType, request, this.limits) ?? this.refuseRate(name, rates, user.appId)
    );
  }

  private refuseRate(name: OperationName, rates: RateWindows, appId: string): Refusal | undefined {
    for (const limit of operations[name].rates) {
      const [retryAfterMs, message] =
        limit === "appMessages"
          ? [this.apps.takeMessage(appId), "the users of the app together send too much"]
          : [rates.take(limit), "too many calls"];
      if (retryAfterMs > 0) return refuseOver(ErrorCode.RATE_LIMITED, this.apps.of(appId), limit, message, { retryAfterMs });
    }
    return undefined;
  }
}
