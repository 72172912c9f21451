// The floor: messages in batches of a given number, each entry of a given length, joined once and written to every socket.
import { type AddressInfo, createServer, type Socket } from "node:net";

const [batchSize = 1, entryBytes = 0] = process.argv.slice(2).map(Number);
const lengthBytes = 4;
/** A batch that does not get full goes out after this time, so that the last messages of a run arrive. */
const patienceMs = 100;
const clients = new Set<Socket>();
let sender: Socket | undefined;
let entries: Buffer[] = [];
let timer: NodeJS.Timeout | undefined;

function add(message: Buffer): void {
  const entry = Buffer.alloc(Math.max(entryBytes, lengthBytes + message.length), "x");
  entry.writeUInt32BE(entry.length - lengthBytes);
  message.copy(entry, lengthBytes);
  entries.push(entry);
  if (entries.length >= batchSize) flush();
  else timer ??= setTimeout(flush, patienceMs);
}

function flush(): void {
  clearTimeout(timer);
  timer = undefined;
  const batch = Buffer.concat([Buffer.alloc(lengthBytes), ...entries]);
  batch.writeUInt32BE(batch.length - lengthBytes);
  entries = [];
  for (const client of clients) if (client !== sender) client.write(batch);
}

const server = createServer({ noDelay: true }, (socket) => {
  clients.add(socket);
  socket.write(Buffer.alloc(lengthBytes));
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    sender = socket;
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= lengthBytes && rest.length >= lengthBytes + rest.readUInt32BE()) {
      const end = lengthBytes + rest.readUInt32BE();
      add(rest.subarray(lengthBytes, end));
      rest = rest.subarray(end);
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => clients.delete(socket));
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
