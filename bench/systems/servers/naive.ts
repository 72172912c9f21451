// What one writes first with grpc-js: for each message a loop over the members, which encodes and writes for each. Given a file, each message
// is on disk before: it is written and synced, one after another.
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { ConnectRequest, ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import { SyncedLog } from "./synced-log.js";

type Call = ServerDuplexStream<ConnectRequest, ConnectResponse>;

const members = new Set<Call>();
const [, , file] = process.argv;
const log = file === undefined ? undefined : await SyncedLog.open(file);
let offset = 0;

function connect(call: Call): void {
  members.add(call);
  call.sendMetadata(call.metadata);
  call.on("data", ({ frame }: ConnectRequest) => {
    if (frame?.$case !== "call" || frame.value.request?.$case !== "sendChannelMessage") return;
    const { channel, payload } = frame.value.request.value;
    offset += 1;
    const value = { channel, sender: "publisher", payload, serverTimeMs: Date.now(), offset };
    const response = { events: [{ event: { $case: "channelMessage" as const, value } }], results: [], control: undefined };
    if (log === undefined) send(call, response);
    else void log.append(ConnectResponse.encode(response).finish()).then(() => send(call, response));
  });
  call.on("end", () => call.end());
  call.on("cancelled", () => members.delete(call));
  call.on("error", () => members.delete(call));
}

function send(sender: Call, response: ConnectResponse): void {
  for (const member of members) if (member !== sender) member.write(response);
}

const server = new Server();
server.addService(
  {
    Connect: {
      path: "/bench.Naive/Connect",
      requestStream: true,
      responseStream: true,
      requestSerialize: (request: ConnectRequest) => Buffer.from(ConnectRequest.encode(request).finish()),
      requestDeserialize: (bytes: Buffer) => ConnectRequest.decode(bytes),
      responseSerialize: (response: ConnectResponse) => Buffer.from(ConnectResponse.encode(response).finish()),
      responseDeserialize: (bytes: Buffer) => ConnectResponse.decode(bytes),
    },
  },
  { Connect: connect },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_failure, port) => process.send?.({ port }));
process.on("disconnect", () => process.exit());
