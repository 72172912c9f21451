// What `tcp` does, over HTTP/2 with gRPC's framing: what Node's HTTP/2 takes before anything is done. Given a file behind the size of a
// batch and of an entry, each batch is on disk before.
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { Batches, eachMessage, entryOf, floorArguments } from "./batches.js";
import { SyncedLog } from "./synced-log.js";

const prefixBytes = 5;
const streams = new Set<ServerHttp2Stream>();
let sender: ServerHttp2Stream | undefined;
const { size, entryBytes, file } = floorArguments();
const log = file === undefined ? undefined : await SyncedLog.open(file);

const batches = new Batches<Buffer>(size, (entries) => {
  const joined = Buffer.concat(entries);
  if (log === undefined) writeToAll(joined);
  else void log.append(joined).then(() => writeToAll(joined));
});

function writeToAll(entries: Buffer): void {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(entries.length, 1);
  const batch = Buffer.concat([prefix, entries]);
  for (const stream of streams) if (stream !== sender) stream.write(batch);
}

const server = createServer();
server.on("connection", (socket: Socket) => socket.setNoDelay(true));
server.on("stream", (stream) => {
  streams.add(stream);
  stream.respond({ ":status": 200, "content-type": "application/grpc" });
  let rest: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    sender = stream;
    rest = eachMessage(Buffer.concat([rest, chunk]), 1, (message) => batches.add(entryOf(message, entryBytes)));
  });
  stream.on("error", () => {});
  stream.on("close", () => streams.delete(stream));
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
