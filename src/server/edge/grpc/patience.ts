import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { ErrorCode, ErrorDetail } from "../../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../../runtime.js";
import { statusOf } from "./status.js";

const message = "the request did not come whole in time";
const tooLate = { details: message, code: 0, ...statusOf(ErrorDetail.create({ code: ErrorCode.TIMEOUT, message })) };

/** Does not wait for ever for a request that does not come whole. Streams of requests have time-outs of their own. */
export function patience(clock: Clock, limits: Pick<Limits, "helloTimeoutMs">): ServerInterceptor {
  return (method, call) => {
    // Without a wrapper, which would cost something for each message.
    if (method.requestStream) return call as ServerInterceptingCall;
    const timer = clock.after(limits.helloTimeoutMs, () => call.sendStatus(tooLate));
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveHalfClose(proceed) {
            timer.cancel();
            proceed();
          },
          onCancel: () => timer.cancel(),
        }),
    });
  };
}
