import { constants, type ServerHttp2Stream } from "node:http2";
import { Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Clock } from "../../runtime.js";
import type { Link } from "../../session/link.js";
import type { Accept } from "../door.js";
import type { Framing } from "./framing.js";
import { MessageReader } from "./message-reader.js";
import { traceOf } from "./metadata.js";
import { takeInTurns } from "./turns.js";

type ConnectCall = ServerDuplexStream<Buffer, Uint8Array>;

export interface ConnectServices {
  readonly accept: Accept;
  readonly framing: Framing;
  readonly clock: Clock;
  /** The most bytes of one message that comes. */
  readonly messageBytes: number;
}

/**
 * The stream `Connect` over gRPC. Its messages are bytes here, so what is encoded once stays so, and they are read from the HTTP/2 stream and
 * written to it: grpc-js pauses the stream and waits for a promise for each message that comes, and copies each that goes.
 */
export function handleConnect(call: ConnectCall, { accept, framing, clock, messageBytes }: ConnectServices): void {
  const stream = streamOf(call);
  const listener = accept(linkOver(call, stream, framing));
  let over = false;
  const close = () => {
    if (over) return;
    over = true;
    listener.onClosed();
  };
  stream.removeAllListeners("data");
  // gRPC answers with the failure, and "error" below is told.
  const reader = new MessageReader(messageBytes, (failure) => call.emit("error", failure));
  takeInTurns(stream, reader, clock, {
    take(frame) {
      if (!over) listener.onFrame(frame);
    },
    // The client has ended its half: it is leaving, and the session waits for it.
    ended() {
      close();
      call.end();
    },
  });
  call.on("cancelled", close);
  call.on("error", close);
  call.on("close", close);
}

function linkOver(call: ConnectCall, stream: ServerHttp2Stream, framing: Framing): Link {
  return {
    address: call.getPeer(),
    trace: traceOf(call.metadata),
    send(frame, written) {
      // A stream that has ended swallows what is written.
      if (!stream.writable) return;
      if (!stream.headersSent) call.sendMetadata(new Metadata());
      stream.write(framing.messageOf(frame), written);
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
