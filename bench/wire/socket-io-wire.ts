import { WebSocketLink } from "./websocket-link.js";
import type { Member, Wire, WireHost } from "./wire.js";

const ping = "2".charCodeAt(0);
const message = "4".charCodeAt(0);
const connected = "0".charCodeAt(0);
const event = "2".charCodeAt(0);

/** A client of the Socket.IO room, over a WebSocket from the start. */
export class SocketIoWire implements Wire {
  private readonly link: WebSocketLink;

  constructor(_member: Member, host: WireHost) {
    this.link = new WebSocketLink("/socket.io/?EIO=4&transport=websocket", (bytes) => host.write(bytes), {
      opened: () => this.link.sendText("40"),
      message: (buffer, start, end) => {
        if (buffer[start] === ping) this.link.sendText("3");
        if (buffer[start] !== message) return;
        if (buffer[start + 1] === connected) host.ready();
        if (buffer[start + 1] !== event) return;
        host.batch();
        host.delivery(buffer, start, end);
      },
      failed: (reason) => host.failed(reason),
    });
  }

  open(): void {
    this.link.open();
  }

  receive(chunk: Buffer): void {
    this.link.receive(chunk);
  }

  publish(_channel: string, text: string): void {
    this.link.sendText(`42${JSON.stringify(["message", text])}`);
  }

  tick(): void {}
}
