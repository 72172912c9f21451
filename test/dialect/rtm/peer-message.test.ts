import { PeerMessageError, type RtmMessage, type RtmRawMessage, type RtmTextMessage } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import { startManualWorld } from "./manual-world.js";
import { codeOf, createUser, loginUser } from "./support.js";

const now = expect.any(Number);

describe("createMessage", () => {
  it("R-M09 R-T09 R-E19 makes messages of text and of bytes, for peers and channels", async () => {
    const { client } = createUser(await startDialectServer());

    expect(client.createMessage<RtmTextMessage>({ text: "hello" })).toEqual({ text: "hello", messageType: "TEXT" });
    expect(client.createMessage<RtmTextMessage>({ messageType: "TEXT" })).toEqual({ text: "", messageType: "TEXT" });
    const raw = { rawMessage: new Uint8Array([1, 2]), description: "two" };
    expect(client.createMessage<RtmRawMessage>(raw)).toEqual({ ...raw, messageType: "RAW" });
  });
});

describe("sendMessageToPeer", () => {
  it("R-M10 R-C04 R-E04 resolves with hasPeerReceived when the peer's client has the message", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];

    const result = await ann.client.sendMessageToPeer({ text: "hello" }, "bob");

    expect(result).toEqual({ hasPeerReceived: true, code: PeerMessageError.OK });
    await bob.recorder.until("MessageFromPeer");
    expect(bob.recorder.told).toEqual([
      ["MessageFromPeer", { text: "hello", messageType: "TEXT" }, "ann", { serverReceivedTs: now, isOfflineMessage: false }],
    ]);
    expect(ann.recorder.told).toEqual([]);
  });

  it("R-M10 R-C04 R-T09 R-E19 carries bytes and what they are", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    const rawMessage = new Uint8Array([0, 1, 255]);

    await ann.client.sendMessageToPeer(ann.client.createMessage({ rawMessage, description: "three bytes" }), "bob");

    const [message] = await bob.recorder.until("MessageFromPeer");
    expect(message).toMatchObject({ description: "three bytes", messageType: "RAW" });
    expect([...((message as RtmRawMessage).rawMessage ?? [])]).toEqual([0, 1, 255]);
  });

  it("R-M10 R-E04 resolves with PEER_UNREACHABLE for a peer who is offline", async () => {
    const ann = await loginUser(await startDialectServer(), "ann");

    const result = await ann.client.sendMessageToPeer({ text: "hello" }, "bob", { enableOfflineMessaging: false });

    expect(result).toEqual({ hasPeerReceived: false, code: PeerMessageError.PEER_UNREACHABLE });
  });

  it("R-M10 R-C04 R-E04 R-T10 stores a message for a peer who is offline, if asked to", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), createUser(server)];
    const options = { enableOfflineMessaging: true, enableHistoricalMessaging: true };

    const result = await ann.client.sendMessageToPeer({ text: "for later" }, "bob", options);
    await bob.client.login({ uid: "bob", token: await server.token("bob") });

    expect(result).toEqual({ hasPeerReceived: false, code: PeerMessageError.CACHED_BY_SERVER });
    await bob.recorder.until("MessageFromPeer");
    expect(bob.recorder.of("MessageFromPeer")).toEqual([
      [{ text: "for later", messageType: "TEXT" }, "ann", { serverReceivedTs: now, isOfflineMessage: true }],
    ]);
  });

  it("R-M10 R-C04 brings a stored message also to a listener that is added right after the login", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), createUser(server)];
    await ann.client.sendMessageToPeer({ text: "for later" }, "bob", { enableOfflineMessaging: true });
    const heard = new Promise((resolve) => {
      void server.token("bob").then(async (token) => {
        await bob.client.login({ uid: "bob", token });
        bob.client.on("MessageFromPeer", ({ text }) => resolve(text));
      });
    });

    expect(await heard).toBe("for later");
  });

  it("R-M10 R-E04 is INCOMPATIBLE_MESSAGE for bytes to a client that takes texts only", async () => {
    const world = await startManualWorld();
    const { client } = await world.login("ann");
    await world.node.login("old", { capabilities: [] });

    const sent = codeOf(client.sendMessageToPeer({ rawMessage: new Uint8Array([1]) }, "old"));

    expect(await world.during(sent)).toBe(PeerMessageError.INCOMPATIBLE_MESSAGE);
  });

  it("R-L08 keeps the 200 newest messages for a peer who is offline", async () => {
    const server = await startDialectServer();
    const [ann, dan] = [await loginUser(server, "ann"), await loginUser(server, "dan")];
    const [bob, options] = [createUser(server), { enableOfflineMessaging: true }];
    for (let i = 0; i < 101; i += 1) {
      await ann.client.sendMessageToPeer({ text: `ann ${i}` }, "bob", options);
      await dan.client.sendMessageToPeer({ text: `dan ${i}` }, "bob", options);
    }

    await bob.client.login({ uid: "bob", token: await server.token("bob") });
    await bob.recorder.until("MessageFromPeer", 200);

    const texts = bob.recorder.of("MessageFromPeer").map(([message]) => (message as RtmTextMessage).text);
    expect(texts).toHaveLength(200);
    expect(texts[0]).toBe("ann 1");
    expect(texts.at(-1)).toBe("dan 100");
  });

  it("R-M10 R-E04 R-L01 R-L02 has the original code for each thing that can be wrong with a message", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    const send = (message: unknown, peer: unknown = "bob") =>
      codeOf(ann.client.sendMessageToPeer(message as RtmMessage, peer as string));
    const largest = 32 * 1024;

    expect(await send({ text: "x" }, "null")).toBe(PeerMessageError.INVALID_USERID);
    expect(await send({ text: "x" }, "a".repeat(65))).toBe(PeerMessageError.INVALID_USERID);
    expect(await send({ text: "x" }, "a/b")).toBe(PeerMessageError.INVALID_USERID);
    expect(await send({ text: "x" }, 7)).toBe(PeerMessageError.INVALID_USERID);
    expect(await send(null)).toBe(PeerMessageError.INVALID_MESSAGE);
    expect(await send({})).toBe(PeerMessageError.INVALID_MESSAGE);
    expect(await send({ text: "é".repeat(largest / 2) })).toBe(0);
    expect(await send({ text: `é${"é".repeat(largest / 2)}` })).toBe(PeerMessageError.INVALID_MESSAGE);
    expect(await send({ rawMessage: new Uint8Array(largest - 2), description: "12" })).toBe(0);
    expect(await send({ rawMessage: new Uint8Array(largest - 2), description: "123" })).toBe(PeerMessageError.INVALID_MESSAGE);
    const [received] = await bob.recorder.until("MessageFromPeer");
    expect(await send(received)).toBe(PeerMessageError.INVALID_MESSAGE);
    await ann.client.logout();
    expect(await send({ text: "x" })).toBe(PeerMessageError.USER_NOT_LOGGED_IN);
  });

  it("R-L06 R-E04 is TOO_OFTEN for the 181st send in 3 seconds, peers and channels together", async () => {
    const ann = await loginUser(await startDialectServer(), "ann");
    const channel = ann.client.createChannel("room");
    await channel.join();

    const toPeers = Array.from({ length: 100 }, () => codeOf(ann.client.sendMessageToPeer({ text: "x" }, "ann")));
    const toChannel = Array.from({ length: 80 }, () => codeOf(channel.sendMessage({ text: "x" })));
    const oneMore = codeOf(ann.client.sendMessageToPeer({ text: "x" }, "ann"));
    const oneMoreToChannel = codeOf(channel.sendMessage({ text: "x" }));

    expect(new Set(await Promise.all([...toPeers, ...toChannel]))).toEqual(new Set([0]));
    expect(await oneMore).toBe(PeerMessageError.TOO_OFTEN);
    expect(await oneMoreToChannel).toBe(3);
  });
});
