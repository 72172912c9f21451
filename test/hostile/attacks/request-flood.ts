import { GrpcConnection } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const atOnce = 50;
const paths = [
  "/aldis.v1.RealtimeService/QueryPresence",
  "/aldis.v1.RealtimeService/Nothing",
  "/nothing",
  "/grpc.health.v1.Health/Check",
  "/aldis.v1.AdminService/ListSessions",
] as const;

/** Unary calls of one address, with bad tokens and to what there is not. */
export const requestFlood: Attack = {
  name: "request-flood",
  about: "unary calls of one address as fast as they can be made, with bad tokens or to what there is not",
  run: (target) =>
    repeat(target, 2, async () => {
      const connection = new GrpcConnection(target);
      await repeat(target, atOnce, async () => {
        const stream = connection.stream(target.random.pick(paths), { authorization: `Bearer ${target.random.next()}` });
        if (stream === undefined) return new Promise((resolve) => setTimeout(resolve, 100));
        stream.send(new Uint8Array(0));
        stream.end();
        await stream.ended();
      });
      connection.leave();
    }),
};
