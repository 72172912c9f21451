import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { ErrorDetail, RpcStatus } from "../../../../gen/aldis/v1/error.js";
import { errorTable } from "../../../../gen/aldis/v1/tables/errors.js";

/** The gRPC status of a failed unary call: code, message, and the whole detail as a google.rpc.Status in the trailer. */
export function statusOf(detail: ErrorDetail): Partial<StatusObject> {
  const code = errorTable[detail.code].grpcStatus;
  const details = [{ typeUrl: "type.googleapis.com/aldis.v1.ErrorDetail", value: ErrorDetail.encode(detail).finish() }];
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(RpcStatus.encode({ code, message: detail.message, details }).finish()));
  return { code, details: detail.message, metadata };
}
