// What `tcp` does, over HTTP/2 with gRPC's framing: what Node's HTTP/2 takes before anything is done. Given a file behind the size of a
// batch and of an entry, each batch is on disk before.
import type { ServerHttp2Stream } from "node:http2";
import { Batches, entryOf, floorArguments } from "./batches.js";
import { framed, serveStreams } from "./grpc-streams.js";
import { SyncedLog } from "./synced-log.js";

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
  const batch = framed(entries);
  for (const stream of streams) if (stream !== sender) stream.write(batch);
}

serveStreams((stream) => {
  streams.add(stream);
  stream.on("close", () => streams.delete(stream));
  return (message) => {
    sender = stream;
    batches.add(entryOf(message, entryBytes));
  };
});
