import { ConnectRequest } from "../../gen/aldis/v1/stream.js";
import { GrpcLink } from "./grpc-link.js";
import { eachField } from "./protobuf.js";
import type { Member, Wire, WireHost } from "./wire.js";

/** A client of the naive gRPC server: whoever has opened the stream is a member. */
export class NaiveWire implements Wire {
  private readonly link: GrpcLink;
  private isOpen = false;

  constructor(_member: Member, host: WireHost) {
    this.link = new GrpcLink("/bench.Naive/Connect", (bytes) => host.write(bytes), {
      opened: () => {
        if (!this.isOpen) host.ready();
        this.isOpen = true;
      },
      message(bytes) {
        host.batch();
        eachField(bytes, (_field, start, end) => host.delivery(bytes, start, end));
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

  publish(channel: string, text: string): void {
    const payload = { content: { $case: "text" as const, value: text }, description: "" };
    const request = { channel, payload, clientMessageId: "", fromOutside: false };
    const call = { callId: 1, request: { $case: "sendChannelMessage" as const, value: request } };
    this.link.send(ConnectRequest.encode({ frame: { $case: "call", value: call } }).finish());
  }

  tick(): void {}
}
