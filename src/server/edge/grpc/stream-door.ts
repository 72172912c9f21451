import { constants, type ServerHttp2Stream } from "node:http2";
import { Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Clock } from "../../runtime.js";
import type { Link } from "../../session/link.js";
import type { Accept } from "../door.js";
import type { Framing } from "./framing.js";
import { traceOf } from "./metadata.js";
import { takeInTurns } from "./turns.js";

type ConnectCall = ServerDuplexStream<Buffer, Uint8Array>;

/** The stream `Connect` over gRPC: its messages are bytes here, so what is encoded once stays so. */
export function handleConnect(call: ConnectCall, accept: Accept, framing: Framing, clock: Clock): void {
  const listener = accept(linkOver(call, streamOf(call), framing));
  let over = false;
  const close = () => {
    if (over) return;
    over = true;
    listener.onClosed();
  };
  takeInTurns(call, clock, (frame) => listener.onFrame(frame));
  // The client has ended its half: it is leaving, and the session waits for it.
  call.on("end", () => {
    close();
    call.end();
  });
  call.on("cancelled", close);
  // A broken transport or a message that gRPC refuses (too large, compressed badly): gRPC has answered it.
  call.on("error", close);
  call.on("close", close);
}

/**
 * The link writes to the HTTP/2 stream itself: grpc-js would copy the frame for each receiver, which costs a sixth of a write.
 */
function linkOver(call: ConnectCall, stream: ServerHttp2Stream, framing: Framing): Link {
  return {
    address: call.getPeer(),
    trace: traceOf(call.metadata),
    send(frame, written) {
      // A stream that has ended swallows what is written.
      if (!stream.writable) return;
      if (!stream.headersSent) call.sendMetadata(new Metadata());
      stream.write(framing.frame(frame), (failure) => {
        if (!failure) written();
      });
    },
    end: () => call.end(),
    abort() {
      // Destroying the call leaves the stream open with all that waits for a client who does not read.
      stream.close(constants.NGHTTP2_CANCEL);
      call.destroy();
    },
  };
}

/** The HTTP/2 stream of a call. grpc-js has no way to it, so this reaches for the field in which it keeps it. */
function streamOf(call: ConnectCall): ServerHttp2Stream {
  return (call as unknown as { readonly call: { readonly stream: ServerHttp2Stream } }).call.stream;
}
