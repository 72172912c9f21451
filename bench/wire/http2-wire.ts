import { GrpcLink } from "./grpc-link.js";
import { takeBatch } from "./tcp-wire.js";
import type { Member, Wire, WireHost } from "./wire.js";

/** A client of the raw HTTP/2 server: the batches of the raw TCP server, in gRPC's framing. */
export class Http2Wire implements Wire {
  private readonly link: GrpcLink;

  constructor(_member: Member, host: WireHost) {
    this.link = new GrpcLink("/bench.Batches/Connect", (bytes) => host.write(bytes), {
      opened: () => host.ready(),
      message: (bytes) => takeBatch(host, bytes, 0, bytes.length),
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
    this.link.send(Buffer.from(text));
  }

  tick(): void {}
}
