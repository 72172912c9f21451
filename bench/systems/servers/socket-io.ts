// A Socket.IO room: what one member sends goes to all others.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

const http = createServer();
const server = new Server(http, { transports: ["websocket"] });
server.on("connection", async (socket) => {
  await socket.join("room");
  socket.on("message", (text: string) => socket.to("room").emit("message", text));
});
http.listen(0, "127.0.0.1", () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
