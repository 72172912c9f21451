import type { Metadata, sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import { type OperationName, operations } from "../../../../gen/aldis/v1/tables/operations.js";
import { Refusal } from "../../feature/refusal.js";
import type { UnaryCalls } from "../../session/unary-calls.js";
import { statusOf } from "./status.js";

/** One operation as a unary gRPC method. Its messages are bytes here, so that ill-formed ones get a typed error. */
export function unaryHandler(name: OperationName, calls: UnaryCalls) {
  return (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void => {
    const credentials = {
      authorization: texts(call.metadata, "authorization"),
      sessionId: texts(call.metadata, "aldis-session-id"),
    };
    calls.take(name, call.request, credentials).then(({ answer, afterAnswer }) => {
      if (answer instanceof Refusal) callback(statusOf(answer.detail));
      else callback(null, answer);
      for (const task of afterAnswer) task();
    });
  };
}

/** The paths of all operations, for the service definition. */
export const unaryPaths = new Map(Object.entries(operations).map(([name, { path }]) => [name as OperationName, path]));

function texts(metadata: Metadata, key: string): string[] {
  return metadata.get(key).map(String);
}
