// Users of the three old interfaces and of the native client in one room: random messages between them, to users and to all.
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { createClient } from "../../src/client/index.js";
import { type DialectServer, Recorder, startDialectServer, whenFinished } from "../support/dialect-server.js";
import { joinChannel, loginUser as loginRtmUser } from "./rtm/support.js";
import { joinRoom, loginEngine } from "./rts/support.js";
import { joinUsers } from "./signaling/users.js";

type Content = string | Uint8Array;

/** What a user heard: from whom, whether it went to the room, and what. */
type Heard = readonly [sender: string, place: "user" | "room", content: Content];

/** A user who is in the room, whatever interface the user's application has. */
interface EndPoint {
  readonly uid: string;
  /** False if the interface has texts only: bytes are then left out. */
  readonly takesBytes: boolean;
  /** True if senders hear what they say to the room. */
  readonly hearsItself: boolean;
  /** All that was heard so far. */
  heard(): readonly Heard[];
  /** Sends; what the interface promises is a promise. */
  sendToUser(uid: string, content: Content): unknown;
  sendToRoom(content: Content): unknown;
}

const room = "room";

async function signalingEnd(server: DialectServer): Promise<EndPoint> {
  const [{ api, heard }] = await joinUsers(server, room, "signaling");
  return {
    uid: "signaling",
    takesBytes: false,
    hearsItself: true,
    heard: () =>
      heard.told.flatMap(([name, ...args]): Heard[] => {
        if (name === "onMessageInstantReceive") return [[String(args[0]), "user", String(args[2])]];
        return name === "onMessageChannelReceive" ? [[String(args[1]), "room", String(args[3])]] : [];
      }),
    sendToUser: (uid, content) => api.messageInstantSend(uid, 0, String(content), ""),
    sendToRoom: (content) => api.messageChannelSend(room, String(content), ""),
  };
}

async function rtmEnd(server: DialectServer): Promise<EndPoint> {
  const { client } = await loginRtmUser(server, "rtm");
  const { channel } = await joinChannel({ client, recorder: new Recorder() }, room);
  const heard: Heard[] = [];
  client.on("MessageFromPeer", (message, uid) => heard.push([uid, "user", message.text ?? message.rawMessage]));
  channel.on("ChannelMessage", (message, uid) => heard.push([uid, "room", message.text ?? message.rawMessage]));
  const messageOf = (content: Content) => (typeof content === "string" ? { text: content } : { rawMessage: content });
  return {
    uid: "rtm",
    takesBytes: true,
    hearsItself: false,
    heard: () => heard,
    sendToUser: (uid, content) => client.sendMessageToPeer(messageOf(content), uid),
    sendToRoom: (content) => channel.sendMessage(messageOf(content)),
  };
}

async function rtsEnd(server: DialectServer): Promise<EndPoint> {
  const engine = await loginEngine(server, "rts");
  const joined = await joinRoom(engine, room);
  const heardFrom = (name: string): "user" | "room" => (name.startsWith("onRoom") ? "room" : "user");
  return {
    uid: "rts",
    takesBytes: true,
    hearsItself: false,
    heard: () =>
      engine.recorder.told.flatMap(([name, uid, content]): Heard[] => {
        return name.endsWith("MessageReceived") ? [[String(uid), heardFrom(name), content as Content]] : [];
      }),
    sendToUser(uid, content) {
      if (typeof content === "string") engine.rts.sendMessage(uid, content);
      else engine.rts.sendBinaryMessage(uid, content);
    },
    sendToRoom(content) {
      if (typeof content === "string") joined.sendRoomMessage(content);
      else joined.sendRoomBinaryMessage(content);
    },
  };
}

async function nativeEnd({ address, appId, token }: DialectServer): Promise<EndPoint> {
  const client = createClient({ address, appId, userId: "native", token: await token("native") });
  whenFinished(() => client.close());
  await client.login();
  const channel = client.channel(room);
  const heard: Heard[] = [];
  client.on("peerMessage", ({ sender, payload }) => heard.push([sender, "user", payload.text ?? payload.binary]));
  channel.on("message", ({ sender, payload }) => heard.push([sender, "room", payload.text ?? payload.binary]));
  await channel.join();
  return {
    uid: "native",
    takesBytes: true,
    hearsItself: false,
    heard: () => heard,
    sendToUser: (uid, content) => client.sendToPeer(uid, content),
    sendToRoom: (content) => channel.send(content),
  };
}

const places = fc.constantFrom(0, 1, 2, 3);
const step = fc.record({
  from: places,
  to: fc.oneof({ weight: 3, arbitrary: places }, { weight: 2, arbitrary: fc.constant(room) }),
  content: fc.oneof(fc.string({ minLength: 1, unit: "grapheme" }), fc.uint8Array({ minLength: 1, maxLength: 20 })),
});

it("users of the four interfaces hear the same from one another: texts all, bytes those who can take them", async () => {
  const server = await startDialectServer({ limits: { ...defaultLimits, peerSends: 10_000, channelSends: 10_000 } });
  const ends = [await signalingEnd(server), await rtmEnd(server), await rtsEnd(server), await nativeEnd(server)] as const;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (script) => {
      const expected = new Map(ends.map((end) => [end, [...end.heard()]]));
      const sent: unknown[] = [];
      for (const { from, to, content: wanted } of script) {
        const sender = ends[from];
        const content = sender.takesBytes ? wanted : String(wanted);
        const receivers = to === room ? ends.filter((end) => end !== sender || end.hearsItself) : [ends[to]];
        for (const end of receivers) {
          const entry: Heard = [sender.uid, to === room ? "room" : "user", content];
          if (end.takesBytes || typeof content === "string") expected.get(end)?.push(entry);
        }
        sent.push(to === room ? sender.sendToRoom(content) : sender.sendToUser(ends[to].uid, content));
        await vi.waitFor(
          () => expect(ends.map((end) => end.heard().length)).toEqual(ends.map((end) => expected.get(end)?.length)),
          { timeout: 20_000, interval: 2 },
        );
      }
      for (const end of ends) expect(end.heard()).toEqual(expected.get(end));
      // A message may be heard before its sender is told so, and whoever is told nothing before the logout is told a failure.
      await Promise.all(sent);
    }),
    { numRuns: 25 },
  );
});
