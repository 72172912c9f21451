import { GrpcConnection, logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

/** Messages of one turn: they are all under way before the server has refused the first. */
const messagesInTurn = 100;

/** Random bytes as messages, before and after the hello. */
export const randomFrames: Attack = {
  name: "random-frames",
  about: "random bytes as messages of the stream, before and after the hello",
  run: (target) =>
    repeat(target, 8, async () => {
      const { random } = target;
      const user = random.chance(0.3) ? await logIn(target) : undefined;
      const connection = user?.connection ?? new GrpcConnection(target);
      const stream = user?.stream ?? connection.stream();
      for (let i = 0; i < messagesInTurn; i += 1) stream?.send(random.bytes(random.between(0, 200)));
      await stream?.ended();
      connection.leave();
    }),
};
