import type { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Call, CallResult } from "../../../gen/aldis/v1/stream.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { OperationName, Operations } from "../../../gen/aldis/v1/tables/operations.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { SessionContext } from "../feature/call-context.js";
import { Refusal, refuse, refuseOver } from "../feature/refusal.js";
import type { Dispatcher } from "./dispatcher.js";
import type { Session } from "./session.js";

/** The calls that come inside streams. Each one that is taken is answered exactly once, on whatever link the session then has. */
export class StreamCalls {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly limits: Limits,
  ) {}

  /** `onFailure` hears that there can be no answer. */
  take({ callId, request }: Call, session: Session, onFailure: (failure: unknown) => void): void {
    session.callsReceived += 1;
    if (request === undefined) {
      const { detail } = refuse(ErrorCode.UNIMPLEMENTED, "the call has no request that this server knows", {
        field: "request",
      });
      return answer(session, callId, { $case: "error", value: detail });
    }
    if (session.callsInFlight >= this.limits.callsInFlight) {
      const { detail } = refuseOver(ErrorCode.RATE_LIMITED, this.limits, "callsInFlight", "too many calls are open");
      return answer(session, callId, { $case: "error", value: detail });
    }
    session.callsInFlight += 1;
    const context = new StreamContext(session);
    this.dispatcher
      .dispatch(request.$case, request.value, context, session.rates)
      .then((response) => {
        session.callsInFlight -= 1;
        answer(session, callId, outcomeOf(request.$case, response));
        context.answered();
      })
      .catch(onFailure);
  }
}

/** The context of a call that came inside a stream. */
class StreamContext implements SessionContext {
  readonly user: UserKey;
  readonly rights: TokenRights;
  private after: (() => void)[] | undefined;

  constructor(readonly session: Session) {
    this.user = session.user;
    this.rights = session.rights;
  }

  afterAnswer(task: () => void): void {
    this.after ??= [];
    this.after.push(task);
  }

  answered(): void {
    for (const task of this.after ?? []) task();
  }
}

function answer(session: Session, callId: number, outcome: CallResult["outcome"]): void {
  session.pushResult({ callId, outcome, afterEvents: 0 });
}

function outcomeOf<K extends OperationName>(name: K, response: Operations[K]["response"] | Refusal): CallResult["outcome"] {
  if (response instanceof Refusal) return { $case: "error", value: response.detail };
  // The name of a call's case and that of its result are the same: the plugin checks it.
  return { $case: name, value: response } as CallResult["outcome"];
}
