import { pause, type Target } from "../target.js";
import { GrpcConnection, logIn } from "../wire/grpc-connection.js";
import { Flag, FrameType, frame, headerBlock, preface, requestHeaders } from "../wire/http2-frames.js";
import { RawConnection } from "../wire/raw-connection.js";
import { type Attack, repeat } from "./attack.js";

const connectionsInStage = 20;
const byteEveryMs = 200;
/** The server waits for one second, and for two until the first request; an attacker that is stopped meanwhile sees it later. */
const [leastMs, longestLifeMs] = [8000, 6000];

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
  const openedAt = performance.now();
  for (let index = 0; !connection.over && !target.over; index += 1) {
    if (index < bytes.length) await connection.write(bytes.subarray(index, index + 1));
    await pause(byteEveryMs);
  }
  if (performance.now() - openedAt > longestLifeMs) target.tally.breach("a connection without a request was kept");
  connection.leave();
}
