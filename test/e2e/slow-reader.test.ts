import http2 from "node:http2";
import { describe, expect, it, onTestFinished } from "vitest";
import { SendConfirmation } from "../../gen/aldis/v1/message.js";
import { Hello } from "../../gen/aldis/v1/session.js";
import { ConnectRequest } from "../../gen/aldis/v1/stream.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { join, queryPresence, text, toPeer } from "../support/requests.js";
import { startTestServer, type TestServer } from "../support/test-server.js";

/** A user who logs in over HTTP/2 by hand and reads nothing: when the stream's window is full, the server cannot write. */
async function loginAndStopReading({ server, address }: TestServer, userId: string): Promise<http2.ClientHttp2Stream> {
  const connection = http2.connect(`http://${address}`);
  onTestFinished(() => connection.destroy());
  const path = "/aldis.v1.RealtimeService/Connect";
  const stream = connection.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
  const hello = Hello.create({ appId: server.appId, userId, token: await server.issueToken({ userId }) });
  const message = ConnectRequest.encode({ frame: { $case: "hello", value: hello } }).finish();
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.write(Buffer.concat([prefix, message]));
  stream.on("error", () => undefined);
  return stream;
}

describe("bounded: a client that reads nothing from its socket", () => {
  it("is cut, and nobody else notices", async () => {
    const limits = { ...defaultLimits, replayEvents: 4, slowConsumerMs: 100 };
    const test = await startTestServer({ limits });
    const alice = await test.login("alice");
    const slow = await loginAndStopReading(test, "slow");
    const cut = new Promise((resolve) => slow.on("aborted", resolve));
    await new Promise((resolve) => slow.once("response", resolve));

    const payload = text("x".repeat(60_000));
    for (let i = 0; i < 8; i += 1) {
      await test.ask(alice, toPeer("slow", "", { payload, confirmation: SendConfirmation.ACCEPTED }));
    }
    alice.acknowledge();
    await cut;

    expect(await test.ask(alice, join("room"))).toMatchObject({ $case: "joinChannel" });
    expect(await test.ask(alice, queryPresence("slow"))).toMatchObject({ $case: "queryPresence" });
  });
});
