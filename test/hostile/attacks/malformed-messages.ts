import type { Target } from "../target.js";
import { GrpcConnection, logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

/** A field with a length, as protobuf writes it. */
function field(number: number, bytes: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.of((number << 3) | 2, ...length, rest), bytes]);
}

/** A message in a message in a message. */
function nested(levels: number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(0);
  for (let level = 0; level < levels; level += 1) bytes = field(4, bytes);
  return bytes;
}

const badText = [Buffer.of(0xff, 0xfe), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xc0, 0x80), Buffer.of(0xf4, 0x90, 0x80, 0x80)];

/** What no encoder would write. */
const messages: readonly Uint8Array[] = [
  // Numbers without end, and lengths of nearly everything.
  Buffer.alloc(64, 0xff),
  Buffer.of(0x22, 0xff, 0xff, 0xff, 0xff, 0x0f),
  Buffer.of(0x22, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  // Groups that nobody knows, opened and never closed.
  Buffer.alloc(50_000, 0x33),
  nested(5000),
  // The field 0, which there is not, and the wire type 7, which there is not.
  Buffer.of(0x02, 0x01, 0x00),
  Buffer.of(0x0f, 0x00),
  // Ids in what is no UTF-8.
  ...badText.map((text) => field(1, Buffer.concat([field(1, Buffer.from("dev")), field(2, text)]))),
  ...badText.map((text) => field(4, Buffer.concat([Buffer.of(0x08, 0x01), field(4, field(1, text))]))),
];

/** Messages that break the rules of protobuf on purpose. */
export const malformedMessages: Attack = {
  name: "malformed-messages",
  about: "giant numbers and lengths, deep nesting, groups without end, and texts that are no UTF-8",
  run: (target) =>
    repeat(target, 4, async () => {
      const message = target.random.pick(messages);
      await (target.random.chance(0.5) ? inStream(target, message) : inCall(target, message));
    }),
};

async function inStream(target: Target, message: Uint8Array): Promise<void> {
  const user = target.random.chance(0.5) ? await logIn(target) : undefined;
  const connection = user?.connection ?? new GrpcConnection(target);
  const stream = user?.stream ?? connection.stream();
  stream?.send(message);
  stream?.end();
  await stream?.ended();
  connection.leave();
}

async function inCall(target: Target, message: Uint8Array): Promise<void> {
  const connection = new GrpcConnection(target);
  const stream = connection.stream("/aldis.v1.RealtimeService/SendPeerMessage");
  stream?.send(message);
  stream?.end();
  await stream?.ended();
  connection.leave();
}
