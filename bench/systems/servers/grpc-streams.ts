import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { eachMessage } from "./batches.js";

const prefixBytes = 5;

/** A message behind gRPC's prefix. */
export function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Takes gRPC calls over Node's HTTP/2, and tells the parent process its port. `opened` hears of each call, and gives who takes its messages. */
export function serveStreams(opened: (stream: ServerHttp2Stream) => (message: Buffer) => void): void {
  const server = createServer();
  server.on("connection", (socket: Socket) => socket.setNoDelay(true));
  server.on("stream", (stream) => {
    const take = opened(stream);
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    let rest: Buffer = Buffer.alloc(0);
    stream.on("data", (chunk: Buffer) => {
      rest = eachMessage(Buffer.concat([rest, chunk]), 1, take);
    });
    stream.on("error", () => {});
  });
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on("disconnect", () => process.exit());
}
