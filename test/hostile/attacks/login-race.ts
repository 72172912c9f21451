import { GrpcConnection } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const atOnce = 20;

/** One user who logs in from many places at once: one session at a time may live. */
export const loginRace: Attack = {
  name: "login-race",
  about: "one user who logs in from many connections at once",
  run: (target) =>
    repeat(target, 2, async () => {
      const userId = target.nextUser();
      const connections = Array.from({ length: atOnce }, () => new GrpcConnection(target));
      const streams = connections.map((connection) => connection.stream());
      await Promise.all(streams.map((stream) => stream?.hello(userId)));
      // Whoever was replaced has been told before it is asked whether it is alive.
      await Promise.all(
        streams.map((stream) => stream?.over || stream?.ask({ $case: "listPresenceSubscriptions", value: {} })),
      );
      const alive = streams.filter((stream) => stream?.control("welcome") !== undefined && !stream.over);
      if (alive.length > 1) target.tally.breach("two sessions of one user lived at the same time");
      for (const connection of connections) connection.leave();
    }),
};
