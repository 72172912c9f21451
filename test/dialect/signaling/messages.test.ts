import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { startManualServer } from "./manual-server.js";
import { createUser, loginUser, settled } from "./users.js";

const dayMs = 24 * 60 * 60 * 1000;

describe("messages to users", () => {
  it("S-M17 S-C12 S-C14 a message is received once, and its sender told", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await loginUser(server, "bob")];

    alice.api.messageInstantSend("bob", 0, "hello", "one");
    await bob.heard.until("onMessageInstantReceive");
    await alice.heard.until("onMessageSendSuccess");

    expect(alice.heard.told).toEqual([["onMessageSendSuccess", "one"]]);
    expect(bob.heard.told).toEqual([["onMessageInstantReceive", "alice", 0, "hello"]]);
  });

  it("S-M17 the same msgID may come again, and an empty one is replaced by a unique one", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await loginUser(server, "bob")];

    for (const [text, msgID] of Object.entries({ a: "same", b: "same", c: "", d: "" })) {
      alice.api.messageInstantSend("bob", 0, text, msgID);
    }
    await alice.heard.until("onMessageSendSuccess", 4);
    await bob.heard.until("onMessageInstantReceive", 4);

    const [first, second, third, fourth] = alice.heard.of("onMessageSendSuccess").map(([id]) => id);
    expect([first, second]).toEqual(["same", "same"]);
    expect(third).toMatch(/.{8}/);
    expect(fourth).not.toBe(third);
    expect(bob.heard.of("onMessageInstantReceive").map(([, , text]) => text)).toEqual(["a", "b", "c", "d"]);
  });

  it("S-M17 a user who is away gets the message with the next login", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");

    alice.api.messageInstantSend("bob", 0, "for later", "one");
    expect(await alice.heard.until("onMessageSendSuccess")).toEqual(["one"]);
    const bob = createUser(server);
    bob.api.login(server.appId, "bob", await server.token("bob"), 0, "");
    await bob.heard.until("onMessageInstantReceive");

    expect(bob.heard.told).toEqual([
      ["onLoginSuccess", 0, 0],
      ["onMessageInstantReceive", "alice", 0, "for later"],
    ]);
  });

  it("S-M17 a message is stored for a day and no longer", async () => {
    const server = await startManualServer();
    const alice = await server.loginUser("alice");
    alice.api.messageInstantSend("bob", 0, "for later", "one");
    alice.api.messageInstantSend("carol", 0, "too late", "two");
    await server.advance(1_000);
    alice.api.destroy();

    await server.advance(dayMs - 60_000);
    const bob = server.createUser();
    bob.api.login(server.appId, "bob", server.token("bob"), 0, "");
    await server.advance(120_000);
    const carol = server.createUser();
    carol.api.login(server.appId, "carol", server.token("carol"), 0, "");
    await server.advance(1_000);

    expect(bob.heard.names).toEqual(["onLoginSuccess", "onMessageInstantReceive"]);
    expect(carol.heard.names).toEqual(["onLoginSuccess"]);
  });

  it("S-C13 a message fails with 1003 without a login, with 1004 to a wrong account", async () => {
    const server = await startDialectServer();
    const [alice, nobody] = [await loginUser(server, "alice"), createUser(server)];

    nobody.api.messageInstantSend("bob", 0, "hello", "one");
    await nobody.heard.until("onMessageSendError");
    alice.api.messageInstantSend("two words", 0, "hello", "two");
    alice.api.messageInstantSend("", 0, "hello", "three");
    await alice.heard.until("onMessageSendError", 2);

    expect(nobody.heard.told).toEqual([["onMessageSendError", "one", AgoraEcode.GENERAL_E_NOT_LOGIN]]);
    expect(alice.heard.told).toEqual([
      ["onMessageSendError", "two", AgoraEcode.GENERAL_E_WRONG_PARAM],
      ["onMessageSendError", "three", AgoraEcode.GENERAL_E_WRONG_PARAM],
    ]);
  });

  it("S-C13 a message fails with 401 if the server does not answer for 10 seconds", async () => {
    const server = await startManualServer();
    const alice = await server.loginUser("alice", { transport: server.deafAfterLogin() });

    alice.api.messageInstantSend("bob", 0, "hello", "one");
    await server.advance(9_900);
    expect(alice.heard.of("onMessageSendError")).toEqual([]);
    await server.advance(200);

    expect(alice.heard.of("onMessageSendError")).toEqual([["one", AgoraEcode.SENDMESSAGE_E_TIMEOUT]]);
  });

  it("S-L04 a message may have 8 KiB, and fails with 1005 beyond", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await loginUser(server, "bob")];

    alice.api.messageInstantSend("bob", 0, "é".repeat(4_096), "fits");
    alice.api.messageInstantSend("bob", 0, "a".repeat(8_193), "too long");
    await alice.heard.until("onMessageSendSuccess");
    await alice.heard.until("onMessageSendError");
    await bob.heard.until("onMessageInstantReceive");

    expect(alice.heard.of("onMessageSendSuccess")).toEqual([["fits"]]);
    expect(alice.heard.of("onMessageSendError")).toEqual([["too long", AgoraEcode.GENERAL_E_LARGE_PARAM]]);
    expect(bob.heard.of("onMessageInstantReceive")).toEqual([["alice", 0, "é".repeat(4_096)]]);
  });

  it("S-L06 a sender over the rate gets 400", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");
    const { peerSends, callsInFlight } = defaultLimits;

    const sends = async (from: number, to: number): Promise<void> => {
      for (let place = from; place < to; place += 1) alice.api.messageInstantSend("alice", 0, "hello", `${place}`);
      const told = () => alice.heard.of("onMessageSendSuccess").length + alice.heard.of("onMessageSendError").length;
      await expect.poll(told, { timeout: 20_000 }).toBe(to);
    };
    await sends(0, callsInFlight - 1);
    await sends(callsInFlight - 1, peerSends + 5);

    expect(alice.heard.of("onMessageSendError").map(([, ecode]) => ecode)).toContain(AgoraEcode.SENDMESSAGE_E_OTHER);
    expect(alice.heard.of("onMessageSendError").every(([, ecode]) => ecode === 400)).toBe(true);
  });

  it("S-C14 messages of bytes are left out, with a line of the log", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await server.login("bob")];
    const payload = { content: { $case: "binary" as const, value: new Uint8Array([1]) }, description: "" };
    const how = { confirmation: 2 as const, storeIfAway: false, storeForMs: 0, receiptLater: false, clientMessageId: "" };

    await server.ask(bob, { $case: "sendPeerMessage", value: { receiver: "alice", payload, ...how } });
    await settled(alice, "alice");

    expect(alice.heard.of("onMessageInstantReceive")).toHaveLength(1);
    expect(alice.log).toEqual([expect.stringContaining('from "bob" was left out')]);
  });
});
