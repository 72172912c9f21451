import { constants, type ServerHttp2Stream } from "node:http2";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Link } from "../../session/link.js";
import type { Accept } from "../door.js";

type ConnectCall = ServerDuplexStream<Buffer, Uint8Array>;

/** The stream `Connect` over gRPC: its messages are bytes here, so what is encoded once stays so. */
export function handleConnect(call: ConnectCall, accept: Accept): void {
  const listener = accept(linkOver(call));
  let over = false;
  const close = () => {
    if (over) return;
    over = true;
    listener.onClosed();
  };
  call.on("data", (frame: Buffer) => listener.onFrame(frame));
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

function linkOver(call: ConnectCall): Link {
  return {
    address: call.getPeer(),
    send(frame, written) {
      // gRPC gives no error here: a stream that has ended swallows what is written.
      if (!call.writable) return;
      call.write(frame, (failure: unknown) => {
        if (!failure) written();
      });
    },
    end: () => call.end(),
    abort() {
      reset(call);
      call.destroy();
    },
  };
}

/**
 * Cuts the HTTP/2 stream of a call. Destroying the call leaves it open with all that waits for a client who does not read, and
 * grpc-js has no other way; so this reaches for the field in which it keeps the stream.
 */
function reset(call: ConnectCall): void {
  const { stream } = (call as unknown as { readonly call: { readonly stream?: ServerHttp2Stream } }).call;
  stream?.close(constants.NGHTTP2_CANCEL);
}
