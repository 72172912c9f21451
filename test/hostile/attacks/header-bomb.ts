import { GrpcConnection } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const shapes: readonly Readonly<Record<string, string>>[] = [
  { "x-large": "x".repeat(60_000) },
  { "x-binary-bin": Buffer.alloc(40_000, 7).toString("base64") },
  Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, "x".repeat(40)])),
  { authorization: `Bearer ${"x".repeat(60_000)}` },
];

/** Metadata of sizes and numbers that nobody needs. */
export const headerBomb: Attack = {
  name: "header-bomb",
  about: "requests with 60 KB in a header, or with a thousand headers",
  run: (target) =>
    repeat(target, 4, async () => {
      const connection = new GrpcConnection(target);
      for (let i = 0; i < 20; i += 1) {
        const stream = connection.stream("/aldis.v1.RealtimeService/Logout", target.random.pick(shapes));
        stream?.send(new Uint8Array(0));
        stream?.end();
        await stream?.ended();
      }
      connection.leave();
    }),
};
