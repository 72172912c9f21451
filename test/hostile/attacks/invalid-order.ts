import { Hello } from "../../../gen/aldis/v1/session.js";
import { join } from "../../support/requests.js";
import { GrpcConnection, type GrpcStream, logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const beforeHello: readonly ((stream: GrpcStream) => void)[] = [
  (stream) => stream.sendFrame({ $case: "ping", value: { nonce: 1 } }),
  (stream) => stream.sendFrame({ $case: "ack", value: { events: 1, results: 1 } }),
  (stream) => stream.sendFrame({ $case: "call", value: { callId: 1, request: join("early") } }),
  (stream) => stream.send(new Uint8Array(0)),
];

const afterHello: readonly ((stream: GrpcStream) => void)[] = [
  (stream) => stream.sendFrame({ $case: "hello", value: Hello.create({ appId: "dev", userId: "again" }) }),
  (stream) => stream.sendFrame({ $case: "ack", value: { events: 2 ** 53 - 1, results: 0 } }),
  (stream) => {
    stream.sendFrame({ $case: "call", value: { callId: 1, request: { $case: "logout", value: {} } } });
    for (let i = 0; i < 20; i += 1) stream.sendFrame({ $case: "call", value: { callId: 2 + i, request: join("late") } });
    stream.sendFrame({ $case: "ping", value: { nonce: 1 } });
  },
];

/** Good messages where they must not be. */
export const invalidOrder: Attack = {
  name: "invalid-order",
  about: "good messages in an order that is not allowed: calls before the hello, two hellos, calls after the logout",
  run: (target) =>
    repeat(target, 4, async () => {
      const isEarly = target.random.chance(0.5);
      const user = isEarly ? undefined : await logIn(target);
      const connection = user?.connection ?? new GrpcConnection(target);
      const stream = user?.stream ?? connection.stream();
      if (stream !== undefined) target.random.pick(isEarly ? beforeHello : afterHello)(stream);
      await stream?.ended();
      connection.leave();
    }),
};
