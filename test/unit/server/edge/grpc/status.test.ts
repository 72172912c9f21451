import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { ErrorCode, ErrorDetail, RpcStatus } from "../../../../../gen/aldis/v1/error.js";
import { errorTable } from "../../../../../gen/aldis/v1/tables/errors.js";
import { statusOf } from "../../../../../src/server/edge/grpc/status.js";

const detail = ErrorDetail.create({
  code: ErrorCode.RATE_LIMITED,
  message: "too many calls",
  limit: "LIMIT_JOINS",
  retryAfterMs: 70,
});

describe("statusOf", () => {
  it("gives the status that the protocol declares, and the message", () => {
    expect(statusOf(detail)).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: "too many calls" });
  });

  it("puts the whole detail into the trailer as a google.rpc.Status", () => {
    const [trailer] = statusOf(detail).metadata?.get("grpc-status-details-bin") ?? [];
    const decoded = RpcStatus.decode(Buffer.from(trailer ?? ""));

    expect(decoded).toMatchObject({ code: status.RESOURCE_EXHAUSTED, message: "too many calls" });
    expect(decoded.details.map(({ typeUrl }) => typeUrl)).toEqual(["type.googleapis.com/aldis.v1.ErrorDetail"]);
    expect(ErrorDetail.decode(decoded.details[0]?.value ?? new Uint8Array())).toEqual(detail);
  });

  it("gives every code of the protocol a status of gRPC that is no success", () => {
    for (const name of Object.keys(errorTable)) {
      const { code } = statusOf(ErrorDetail.create({ code: Number(name) as ErrorCode }));

      expect(status[code ?? 0]).toBeTypeOf("string");
      expect(code).not.toBe(status.OK);
    }
  });
});
