import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { operationNames, operations } from "../../../../gen/aldis/v1/tables/operations.js";
import type { UnaryCalls } from "../../session/unary-calls.js";
import { Framing } from "./framing.js";
import { type ConnectServices, handleConnect } from "./stream-door.js";
import { unaryHandler } from "./unary-door.js";

const bytes = (value: Buffer | Uint8Array): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);

/** Messages pass as bytes in both directions: the session layer decodes strictly, and what is encoded is not encoded again. */
export const asBytes = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};

/** RealtimeService as grpc-js wants it: the stream, and every operation as a unary method. */
export const realtimeService: ServiceDefinition = {
  Connect: { path: "/aldis.v1.RealtimeService/Connect", requestStream: true, responseStream: true, ...asBytes },
  ...Object.fromEntries(
    operationNames.map((name) => [
      operations[name].name,
      { path: operations[name].path, requestStream: false, responseStream: false, ...asBytes },
    ]),
  ),
};

export function realtimeImplementation(
  calls: UnaryCalls,
  services: Omit<ConnectServices, "framing">,
): UntypedServiceImplementation {
  const connectServices = { ...services, framing: new Framing() };
  return {
    Connect: (call: Parameters<typeof handleConnect>[0]) => handleConnect(call, connectServices),
    ...Object.fromEntries(operationNames.map((name) => [operations[name].name, unaryHandler(name, calls)])),
  };
}
