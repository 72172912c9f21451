import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { ErrorDetail, RpcStatus } from "../../../../gen/aldis/v1/error.js";
import { errorTable } from "../../../../gen/aldis/v1/tables/errors.js";
import { encode } from "../../encode.js";

/** The gRPC status of a failed unary call: code, message, and the whole detail as a google.rpc.Status in the trailer. */
export function statusOf(detail: ErrorDetail): Partial<StatusObject> {
  const code = errorTable[detail.code].grpcStatus;
  const details = [{ typeUrl: "type.googleapis.com/aldis.v1.ErrorDetail", value: encode(ErrorDetail, detail) }];
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(encode(RpcStatus, { code, message: detail.message, details })));
  return { code, details: detail.message, metadata };
}
