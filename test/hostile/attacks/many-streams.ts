import { GrpcConnection } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const streams = 5000;

/** Thousands of streams on one connection, all of which stay open. */
export const manyStreams: Attack = {
  name: "many-streams",
  about: "thousands of streams on one connection that stay open",
  run: (target) =>
    repeat(target, 2, async () => {
      const connection = new GrpcConnection(target);
      const opened = Array.from({ length: streams }, () => connection.stream());
      target.tally.sent += streams;
      await Promise.all(opened.map((stream) => stream?.ended()));
      connection.leave();
    }),
};
