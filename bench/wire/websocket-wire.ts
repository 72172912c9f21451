import { WebSocketLink } from "./websocket-link.js";
import type { Member, Wire, WireHost } from "./wire.js";

/** A client of the `ws` broadcast: a message is a frame. */
export class WebSocketWire implements Wire {
  private readonly link: WebSocketLink;

  constructor(_member: Member, host: WireHost) {
    this.link = new WebSocketLink("/", (bytes) => host.write(bytes), {
      opened: () => host.ready(),
      message(buffer, start, end) {
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
    this.link.sendText(text);
  }

  tick(): void {}
}
