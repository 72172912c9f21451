import { pause, type Target } from "../target.js";
import { GrpcConnection, logIn } from "../wire/grpc-connection.js";
import { Flag, FrameType, frame, headerBlock, preface, requestHeaders } from "../wire/http2-frames.js";
import { RawConnection } from "../wire/raw-connection.js";
import { type Attack, repeat } from "./attack.js";

const connectionsInStage = 20;
const byteEveryMs = 200;
const leastMs = 10_000;

/**
 * How often a connection without a request may be found alive, some 4 s of the attacker being awake. The server waits for two
 * seconds. Looks are counted, and not the time, because the attacker is stopped now and then, and has no processor at others: then it
 * sees the end of a connection late.
 */
const mostLooks = 20;

/** Bytes that come one by one: a connection stops at each of these stages and stays there. */
const stages: readonly ((target: Target) => Promise<void>)[] = [
  // Nothing at all.
  (target) => dribble(new RawConnection(target), target, Buffer.alloc(0)),
  // The preface of HTTP/2, byte by byte.
  (target) => dribble(new RawConnection(target), target, preface),
  // The headers of a request, byte by byte.
  (target) => {
    const headers = headerBlock(requestHeaders("/aldis.v1.RealtimeService/Connect"));
    return dribble(RawConnection.greeting(target), target, frame(FrameType.HEADERS, Flag.END_HEADERS, 1, headers));
  },
  // A stream without a hello.
  async (target) => {
    const connection = new GrpcConnection(target);
    await connection.stream()?.ended();
    connection.leave();
  },
  // A unary call whose request does not come.
  async (target) => {
    const connection = new GrpcConnection(target);
    await connection.stream("/aldis.v1.RealtimeService/Logout")?.ended();
    connection.leave();
  },
  // A message after the hello that comes byte by byte.
  async (target) => {
    const user = await logIn(target);
    user?.stream.write(Buffer.of(0, 0, 1, 0, 0));
    while (user !== undefined && !user.stream.over && !target.over) {
      user.stream.write(Buffer.of(0));
      await pause(byteEveryMs);
    }
    user?.connection.leave();
  },
];

/** Connections on which nothing, or next to nothing, happens. */
export const slowLoris: Attack = {
  name: "slow-loris",
  about: "connections that stop, or send byte by byte, at every stage of a connection",
  leastMs,
  async run(target) {
    await Promise.all(
      stages.map((stage) =>
        repeat(target, connectionsInStage, async () => {
          target.tally.sent += 1;
          await stage(target);
          // The next one comes at once, but not in the same moment.
          await pause(50);
        }),
      ),
    );
  },
};

async function dribble(connection: RawConnection, target: Target, bytes: Uint8Array): Promise<void> {
  let looks = 0;
  for (; !connection.over && !target.over; looks += 1) {
    if (looks < bytes.length) await connection.write(bytes.subarray(looks, looks + 1));
    await pause(byteEveryMs);
  }
  if (looks > mostLooks) target.tally.breach("a connection without a request was kept");
  connection.leave();
}
