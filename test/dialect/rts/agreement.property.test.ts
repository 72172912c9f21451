// Random scripts of calls, with the dialect on one end and the native client on the other.
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { ErrorCode as NativeErrorCode } from "../../../gen/aldis/v1/error.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import type { RTSRoom } from "../../../src/client/dialect/rts/index.js";
import { type AldisClient, AldisError, type Channel, createClient, type ReceivedPayload } from "../../../src/client/index.js";
import { type AldisServer, createServer } from "../../../src/server/index.js";
import { whenFinished } from "../../support/dialect-server.js";
import { createEngine, createRoom, type TestEngine } from "./support.js";

type Payload = string | Uint8Array;

type Step =
  | { readonly kind: "engineToPeer" | "clientToPeer" | "engineToRoom" | "clientToRoom"; readonly payload: Payload }
  | { readonly kind: "engineToNobody" | "engineJoins" | "engineLeaves" | "clientJoins" | "clientLeaves" };

const payload = fc.oneof(fc.string({ minLength: 1, unit: "grapheme" }), fc.uint8Array({ minLength: 1, maxLength: 20 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("engineToPeer", "clientToPeer"), payload }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("engineToRoom", "clientToRoom"), payload }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("engineToNobody", "engineJoins", "engineLeaves", "clientJoins", "clientLeaves"),
    }),
  },
);

const payloadOf = (received: ReceivedPayload): Payload => received.text ?? received.binary;
const calledFor = (message: Payload, text: string, bytes: string): string => (typeof message === "string" ? text : bytes);

/** The two ends, what each should hear, and whether it is in the room. */
class Ends {
  readonly #room: RTSRoom;
  readonly #channel: Channel;
  readonly #clientHeard: unknown[] = [];
  readonly #engineExpects: unknown[] = [];
  readonly #clientExpects: unknown[] = [];
  #engineIn = false;
  #clientIn = false;
  #peerMessages = 0;
  #roomMessages = 0;

  constructor(
    readonly engine: TestEngine,
    readonly client: AldisClient,
    readonly roomId: string,
  ) {
    this.#room = createRoom(engine, roomId);
    this.#channel = client.channel(roomId);
    const heard = (...entry: unknown[]) => void this.#clientHeard.push(entry);
    client.on("peerMessage", ({ sender, payload }) => heard("peer", sender, payloadOf(payload)));
    this.#channel.on("message", ({ sender, payload }) => heard("room", sender, payloadOf(payload)));
    this.#channel.on("memberJoined", ({ userId }) => heard("joined", userId));
    this.#channel.on("memberLeft", ({ userId, reason }) => heard("left", userId, reason));
    engine.recorder.clear();
  }

  /** Does a step, and waits until both ends have heard what they should. */
  async run(next: Step): Promise<void> {
    await this.#do(next);
    await vi.waitFor(
      () => {
        expect(this.#clientHeard.length).toBeGreaterThanOrEqual(this.#clientExpects.length);
        expect(this.engine.recorder.told.length).toBeGreaterThanOrEqual(this.#engineExpects.length);
      },
      { timeout: 20_000, interval: 2 },
    );
    expect(this.#clientHeard).toEqual(this.#clientExpects);
    expect(this.engine.recorder.told).toEqual(this.#engineExpects);
  }

  #do(next: Step): Promise<void> | void {
    switch (next.kind) {
      case "engineToPeer":
        return this.#engineToPeer(next.payload);
      case "clientToPeer":
        return this.#clientToPeer(next.payload);
      case "engineToRoom":
        return this.#engineToRoom(next.payload);
      case "clientToRoom":
        return this.#clientToRoom(next.payload);
      case "engineToNobody":
        this.#engineExpects.push(["onMessageSendResult", this.engine.rts.sendMessage("nobody", "hi", 0), 4]);
        this.#peerMessages += 1;
        return;
      case "engineJoins":
        return this.#engineJoins();
      case "engineLeaves":
        return this.#engineLeaves();
      case "clientJoins":
        return this.#clientJoins();
      case "clientLeaves":
        return this.#clientLeaves();
    }
  }

  #engineToPeer(message: Payload): void {
    const { rts } = this.engine;
    this.#peerMessages += 1;
    const sent =
      typeof message === "string" ? rts.sendMessage("client", message, 0) : rts.sendBinaryMessage("client", message, 0);
    expect(sent).toBe(this.#peerMessages);
    this.#engineExpects.push(["onMessageSendResult", sent, 0]);
    this.#clientExpects.push(["peer", "engine", message]);
  }

  async #clientToPeer(message: Payload): Promise<void> {
    this.#engineExpects.push([calledFor(message, "onMessageReceived", "onBinaryMessageReceived"), "client", message]);
    expect((await this.client.sendToPeer("engine", message)).outcome).toBe(DeliveryOutcome.DELIVERED);
  }

  #engineToRoom(message: Payload): void {
    this.#roomMessages += 1;
    const sent = typeof message === "string" ? this.#room.sendRoomMessage(message) : this.#room.sendRoomBinaryMessage(message);
    expect(sent).toBe(this.#roomMessages);
    this.#engineExpects.push(["onRoomMessageSendResult", sent, this.#engineIn ? 200 : 100]);
    if (this.#engineIn && this.#clientIn) this.#clientExpects.push(["room", "engine", message]);
  }

  async #clientToRoom(message: Payload): Promise<void> {
    if (this.#engineIn && this.#clientIn) {
      this.#engineExpects.push([calledFor(message, "onRoomMessageReceived", "onRoomBinaryMessageReceived"), "client", message]);
    }
    const code = await this.#channel.send(message).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof AldisError ? thrown.code : thrown),
    );
    expect(code).toBe(this.#clientIn ? undefined : NativeErrorCode.NOT_IN_CHANNEL);
  }

  #engineJoins(): void {
    expect(this.#room.joinRoom()).toBe(this.#engineIn ? -2 : 0);
    if (this.#engineIn) return;
    this.#engineIn = true;
    this.#engineExpects.push(["onRoomStateChanged", this.roomId, "engine", 0, expect.stringContaining('"join_type":0')]);
    if (this.#clientIn) this.#clientExpects.push(["joined", "engine"]);
  }

  #engineLeaves(): void {
    expect(this.#room.leaveRoom()).toBe(this.#engineIn ? 0 : -3);
    if (!this.#engineIn) return;
    this.#engineIn = false;
    this.#engineExpects.push(["onLeaveRoom"]);
    if (this.#clientIn) this.#clientExpects.push(["left", "engine", LeaveReason.LEFT]);
  }

  async #clientJoins(): Promise<void> {
    if (this.#clientIn) return;
    this.#clientIn = true;
    await this.#channel.join();
    if (this.#engineIn) this.#engineExpects.push(["onUserJoined", "client", 0]);
  }

  async #clientLeaves(): Promise<void> {
    if (!this.#clientIn) return;
    this.#clientIn = false;
    await this.#channel.leave();
    if (this.#engineIn) this.#engineExpects.push(["onUserLeave", "client", 0]);
  }
}

let rooms = 0;

async function startEnds(server: AldisServer): Promise<Ends> {
  const engine = createEngine(server.appId, { transport: server.transport() });
  engine.rts.login(await server.issueToken({ userId: "engine" }), "engine");
  await engine.recorder.until("onLoginResult");
  const token = await server.issueToken({ userId: "client" });
  const client = createClient({ transport: server.transport(), appId: server.appId, userId: "client", token });
  await client.login();
  rooms += 1;
  return new Ends(engine, client, `room-${rooms}`);
}

it("an engine and a native client agree on what was said, to whom, in which order, and with which result", async () => {
  const server = await createServer({ config: { limits: { ...defaultLimits, logins: 1_000, sameChannelJoins: 1_000 } } });
  whenFinished(() => server.close());
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 15 }), async (script) => {
      const ends = await startEnds(server);
      for (const next of script) await ends.run(next);
      ends.engine.rts.destroyRTS();
      await ends.client.close();
    }),
    { numRuns: 30 },
  );
});
