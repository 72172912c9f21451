import { pause } from "../target.js";
import { logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

/** Good pings, acknowledgements and empty calls, far more than anybody needs. */
export const frameFlood: Attack = {
  name: "frame-flood",
  about: "pings, acknowledgements and calls of a session without end",
  run: (target) =>
    repeat(target, 4, async () => {
      const user = await logIn(target);
      for (let i = 0; user !== undefined && !user.stream.over && !target.over; i += 1) {
        user.stream.sendFrame({ $case: "ping", value: { nonce: i } });
        user.stream.sendFrame({ $case: "ack", value: { events: 0, results: 0 } });
        user.stream.sendFrame({ $case: "call", value: { callId: i, request: undefined } });
        if (i % 50 === 0) await pause(0);
      }
      user?.connection.leave();
    }),
};
