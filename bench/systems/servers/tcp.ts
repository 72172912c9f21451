// The floor: messages in batches of a given number, each entry of a given length, joined once and written to every socket.
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Batches, eachMessage, entryOf, floorArguments, lengthBytes } from "./batches.js";

const clients = new Set<Socket>();
let sender: Socket | undefined;

const { size, entryBytes } = floorArguments();

const batches = new Batches<Buffer>(size, (entries) => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(entries.reduce((sum, entry) => sum + entry.length, 0));
  const batch = Buffer.concat([length, ...entries]);
  for (const client of clients) if (client !== sender) client.write(batch);
});

const server = createServer({ noDelay: true }, (socket) => {
  clients.add(socket);
  socket.write(Buffer.alloc(lengthBytes));
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    sender = socket;
    rest = eachMessage(Buffer.concat([rest, chunk]), 0, (message) => batches.add(entryOf(message, entryBytes)));
  });
  socket.on("error", () => {});
  socket.on("close", () => clients.delete(socket));
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
