import { ConnectRequest } from "../../../gen/aldis/v1/stream.js";
import { join, toChannel, toPeer } from "../../support/requests.js";
import type { Target } from "../target.js";
import { logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const messagesInTurn = 200;

/** Good messages with a few bytes changed, inserted or taken away. */
export const mutatedFrames: Attack = {
  name: "mutated-frames",
  about: "good messages with some bytes changed, inserted or taken away",
  run: (target) =>
    repeat(target, 8, async () => {
      const user = await logIn(target);
      if (user === undefined) return;
      for (let i = 0; i < messagesInTurn && !user.stream.over; i += 1) user.stream.send(mutated(target, i + 1));
      user.stream.end();
      await user.stream.ended();
      user.connection.leave();
    }),
};

function mutated({ random }: Target, callId: number): Uint8Array {
  const request = random.pick([join("mutants"), toChannel("mutants", "hello"), toPeer("nobody", "hello")]);
  const bytes = [...ConnectRequest.encode({ frame: { $case: "call", value: { callId, request } } }).finish()];
  for (let changes = random.between(1, 4); changes > 0; changes -= 1) {
    const place = random.between(0, bytes.length - 1);
    const inserted = random.chance(0.3) ? [...random.bytes(random.between(1, 4))] : [];
    bytes.splice(place, random.between(0, 2), ...inserted, random.between(0, 255));
  }
  return Uint8Array.from(bytes);
}
