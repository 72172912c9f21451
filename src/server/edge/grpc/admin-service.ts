import {
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { ErrorDetail } from "../../../../gen/aldis/v1/error.js";
import { type AdminOperationName, adminOperations, adminStreams } from "../../../../gen/aldis/v1/tables/admin-operations.js";
import type { AdminCalls } from "../../session/admin/admin-calls.js";
import { EventWatch } from "../../session/admin/event-watch.js";
import { texts } from "./metadata.js";
import { asBytes } from "./service.js";
import { statusOf } from "./status.js";

const names = Object.keys(adminOperations) as AdminOperationName[];

/** AdminService as grpc-js wants it. */
export const adminService: ServiceDefinition = Object.fromEntries([
  ...Object.values(adminOperations).map(({ name, path }) => {
    return [name, { path, requestStream: false, responseStream: false, ...asBytes }] as const;
  }),
  ...Object.values(adminStreams).map(({ name, path }) => {
    return [name, { path, requestStream: false, responseStream: true, ...asBytes }] as const;
  }),
]);

export function adminImplementation(calls: AdminCalls): UntypedServiceImplementation {
  return {
    ...Object.fromEntries(names.map((name) => [adminOperations[name].name, unaryHandler(name, calls)])),
    [adminStreams.watchEvents.name]: (call: ServerWritableStream<Buffer, Uint8Array>) => void handleWatch(call, calls),
  };
}

function unaryHandler(name: AdminOperationName, calls: AdminCalls) {
  return (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void => {
    void calls.take(name, call.request, texts(call.metadata, "authorization")).then((answer) => {
      if (answer.ok) callback(null, answer.response);
      else callback(statusOf(answer.error));
    });
  };
}

/** The stream `WatchEvents`: what gRPC holds back is what slows the watch down. */
async function handleWatch(call: ServerWritableStream<Buffer, Uint8Array>, calls: AdminCalls): Promise<void> {
  const fail = (error: ErrorDetail) => void call.emit("error", statusOf(error));
  const listener = { send: (event: Uint8Array) => call.write(event), fail };
  const watch = await calls.watch(call.request, texts(call.metadata, "authorization"), listener);
  if (!(watch instanceof EventWatch)) return fail(watch);
  if (call.cancelled) return watch.end();
  // So that a watcher knows that it is let in, also where nothing happens for long.
  call.sendMetadata(new Metadata());
  call.on("drain", () => watch.drained());
  for (const event of ["cancelled", "close", "error"]) call.on(event, () => watch.end());
}
