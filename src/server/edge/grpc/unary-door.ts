import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import type { OperationName } from "../../../../gen/aldis/v1/tables/operations.js";
import type { UnaryCalls } from "../../session/unary-calls.js";
import { texts, traceOf } from "./metadata.js";
import { statusOf } from "./status.js";

/** One operation as a unary gRPC method. Its messages are bytes here, so that ill-formed ones get a typed error. */
export function unaryHandler(name: OperationName, calls: UnaryCalls) {
  return (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void => {
    const credentials = {
      authorization: texts(call.metadata, "authorization"),
      sessionId: texts(call.metadata, "aldis-session-id"),
      trace: traceOf(call.metadata),
    };
    void calls.take(name, call.request, credentials).then(({ answer, afterAnswer }) => {
      if (answer.ok) callback(null, answer.response);
      else callback(statusOf(answer.error));
      for (const task of afterAnswer) task();
    });
  };
}
