// What one writes first with grpc-js: for each message a loop over the members, which encodes and writes for each.
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { ConnectRequest, ConnectResponse } from "../../../gen/aldis/v1/stream.js";

const members = new Set<ServerDuplexStream<ConnectRequest, ConnectResponse>>();
let offset = 0;

function connect(call: ServerDuplexStream<ConnectRequest, ConnectResponse>): void {
  members.add(call);
  call.sendMetadata(call.metadata);
  call.on("data", ({ frame }: ConnectRequest) => {
    if (frame?.$case !== "call" || frame.value.request?.$case !== "sendChannelMessage") return;
    const { channel, payload } = frame.value.request.value;
    offset += 1;
    const value = { channel, sender: "publisher", payload, serverTimeMs: Date.now(), offset };
    for (const member of members) {
      if (member === call) continue;
      member.write({ events: [{ event: { $case: "channelMessage", value } }], results: [], control: undefined });
    }
  });
  call.on("end", () => call.end());
  call.on("cancelled", () => members.delete(call));
  call.on("error", () => members.delete(call));
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
