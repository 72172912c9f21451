import { describe, expect, it } from "vitest";
import { AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { type DialectServer, startDialectServer } from "../../support/dialect-server.js";
import { createUser, loginUser, settled, type User } from "./users.js";

interface Callers {
  readonly server: DialectServer;
  readonly alice: User;
  readonly bob: User;
}

async function startCallers(): Promise<Callers> {
  const server = await startDialectServer();
  return { server, alice: await loginUser(server, "alice"), bob: await loginUser(server, "bob") };
}

/** Bob's client has the call of Alice, and Alice knows. */
async function startRinging(extra = ""): Promise<Callers> {
  const callers = await startCallers();
  callers.alice.api.channelInviteUser2("room", "bob", extra);
  await callers.bob.heard.until("onInviteReceived");
  await callers.alice.heard.until("onInviteReceivedByPeer");
  callers.alice.heard.clear();
  callers.bob.heard.clear();
  return callers;
}

/** Bob has accepted the call of Alice. */
async function startCall(): Promise<Callers> {
  const callers = await startRinging();
  callers.bob.api.channelInviteAccept("room", "alice", 0, "");
  await callers.alice.heard.until("onInviteAcceptedByPeer");
  callers.alice.heard.clear();
  return callers;
}

describe("calls", () => {
  it("S-M27 S-M30 S-C25 S-C26 S-C27 a call is received and accepted", async () => {
    const { alice, bob } = await startCallers();

    alice.api.channelInviteUser("room", "bob", 0);
    expect(await bob.heard.until("onInviteReceived")).toEqual(["room", "alice", 0, ""]);
    await alice.heard.until("onInviteReceivedByPeer");
    bob.api.channelInviteAccept("room", "alice", 0, '{"yes":1}');
    await alice.heard.until("onInviteAcceptedByPeer");
    await settled(bob, "bob");

    expect(alice.heard.told).toEqual([
      ["onInviteReceivedByPeer", "room", "bob", 0],
      ["onInviteAcceptedByPeer", "room", "bob", 0, '{"yes":1}'],
    ]);
    expect(bob.heard.names.filter((name) => name.startsWith("onInvite"))).toEqual(["onInviteReceived"]);
  });

  it("S-M28 S-X03 S-X04 extra travels whole to the called user", async () => {
    const extra = '{"destMediaUid":123,"srcNum":"+123456789","my":[1,2]}';
    const { alice, bob } = await startCallers();

    alice.api.channelInviteUser2("room", "bob", extra);

    expect(await bob.heard.until("onInviteReceived")).toEqual(["room", "alice", 0, extra]);
  });

  it("S-M31 S-C28 a call is refused", async () => {
    const { alice, bob } = await startRinging();

    bob.api.channelInviteRefuse("room", "alice", 0, '{"busy":true}');
    await alice.heard.until("onInviteRefusedByPeer");
    await settled(bob, "bob");

    expect(alice.heard.told).toEqual([["onInviteRefusedByPeer", "room", "bob", 0, '{"busy":true}']]);
    expect(bob.heard.names.filter((name) => name.startsWith("onInvite"))).toEqual([]);
  });

  it("S-M31 S-M35 a call that was refused is forgotten", async () => {
    const { alice, bob } = await startRinging();
    bob.api.channelInviteRefuse("room", "alice", 0, "");
    await alice.heard.until("onInviteRefusedByPeer");
    alice.api.channelInviteUser("another room", "bob", 0);
    await bob.heard.until("onInviteReceived");

    bob.api.messageDTMFSend(0, "5", "one");
    bob.api.channelInviteDTMF("room", "alice", "6");
    await bob.heard.until("onMessageSendSuccess");

    expect(await alice.heard.until("onInviteMsg")).toEqual(["another room", "bob", 0, "DTMF", "5", ""]);
    expect(await bob.heard.until("onError")).toEqual(["channelInviteDTMF", AgoraEcode.GENERAL_E_FAILED, expect.anything()]);
  });

  it("S-M32 S-C30 S-C31 the caller ends a call that rings", async () => {
    const { alice, bob } = await startRinging();

    alice.api.channelInviteEnd("room", "bob", 0);
    await bob.heard.until("onInviteEndByPeer");
    await settled(alice, "alice");

    expect(alice.heard.told[0]).toEqual(["onInviteEndByMyself", "room", "bob", 0]);
    expect(alice.heard.names.filter((name) => name.startsWith("onInvite"))).toHaveLength(1);
    expect(bob.heard.told).toEqual([["onInviteEndByPeer", "room", "alice", 0, ""]]);
  });

  it("S-M32 S-C30 S-C31 both sides can end an accepted call", async () => {
    for (const side of ["alice", "bob"] as const) {
      const callers = await startCall();
      const [self, other] = side === "alice" ? [callers.alice, callers.bob] : [callers.bob, callers.alice];
      const otherAccount = side === "alice" ? "bob" : "alice";

      self.api.channelInviteEnd("room", otherAccount, 0);
      await other.heard.until("onInviteEndByPeer");

      expect(self.heard.told).toEqual([["onInviteEndByMyself", "room", otherAccount, 0]]);
      expect(other.heard.told).toEqual([["onInviteEndByPeer", "room", side, 0, ""]]);
    }
  });

  it("S-M32 the called user ends a call that rings: the caller hears of a refusal", async () => {
    const { alice, bob } = await startRinging();

    bob.api.channelInviteEnd("room", "alice", 0);
    await alice.heard.until("onInviteRefusedByPeer");

    expect(bob.heard.told).toEqual([["onInviteEndByMyself", "room", "alice", 0]]);
    expect(alice.heard.told).toEqual([["onInviteRefusedByPeer", "room", "bob", 0, ""]]);
  });

  it("S-M32 the caller ends a call at once, before the server has answered", async () => {
    const { alice, bob } = await startCallers();

    alice.api.channelInviteUser("room", "bob", 0);
    alice.api.channelInviteEnd("room", "bob", 0);
    await settled(alice, "alice");
    await settled(bob, "bob");
    await expect
      .poll(() => bob.heard.names.includes("onInviteReceived") === bob.heard.names.includes("onInviteEndByPeer"))
      .toBe(true);

    expect(alice.heard.names.filter((name) => name.startsWith("onInvite"))).toEqual(["onInviteEndByMyself"]);
  });

  it("S-M32 S-C31 without a call the end is told all the same", async () => {
    const nobody = createUser(await startDialectServer());

    nobody.api.channelInviteEnd("room", "bob", 0);

    expect(await nobody.heard.until("onInviteEndByMyself")).toEqual(["room", "bob", 0]);
  });

  it("S-M32 a call can be made again after its end", async () => {
    const { alice, bob } = await startCall();

    alice.api.channelInviteEnd("room", "bob", 0);
    await bob.heard.until("onInviteEndByPeer");
    alice.api.channelInviteUser("room", "bob", 0);

    expect(await bob.heard.until("onInviteReceived")).toEqual(["room", "alice", 0, ""]);
  });

  it("S-M28 S-C29 a second call of the same user to the same channel fails with 701, and the first lives on", async () => {
    const { alice, bob } = await startRinging();

    alice.api.channelInviteUser2("room", "bob", '{"again":1}');
    await alice.heard.until("onInviteFailed");
    bob.api.channelInviteAccept("room", "alice", 0, "");
    await alice.heard.until("onInviteAcceptedByPeer");

    expect(alice.heard.told).toEqual([
      ["onInviteFailed", "room", "bob", 0, AgoraEcode.INVITE_E_REINVITE, '{"again":1}'],
      ["onInviteAcceptedByPeer", "room", "bob", 0, ""],
    ]);
  });

  it("S-M28 S-C29 calls are told apart by channel and account", async () => {
    const { server, alice, bob } = await startCallers();
    const carol = await loginUser(server, "carol");

    alice.api.channelInviteUser("one", "bob", 0);
    alice.api.channelInviteUser("two", "bob", 0);
    alice.api.channelInviteUser("one", "carol", 0);
    await bob.heard.until("onInviteReceived", 2);
    await carol.heard.until("onInviteReceived");
    bob.api.channelInviteRefuse("two", "alice", 0, "");
    carol.api.channelInviteAccept("one", "alice", 0, "");
    await alice.heard.until("onInviteAcceptedByPeer");
    await alice.heard.until("onInviteRefusedByPeer");

    expect(alice.heard.of("onInviteRefusedByPeer")).toEqual([["two", "bob", 0, ""]]);
    expect(alice.heard.of("onInviteAcceptedByPeer")).toEqual([["one", "carol", 0, ""]]);
  });

  it("S-M28 S-L05 S-C29 an extra that is no JSON fails with 1004, one of more than 8 KiB with 1005", async () => {
    const { alice } = await startCallers();
    const long = JSON.stringify({ text: "a".repeat(8_192) });

    for (const extra of ["hello", "[7]", long]) alice.api.channelInviteUser2("room", "bob", extra);
    await alice.heard.until("onInviteFailed", 3);

    expect(alice.heard.told).toEqual([
      ["onInviteFailed", "room", "bob", 0, AgoraEcode.GENERAL_E_WRONG_PARAM, "hello"],
      ["onInviteFailed", "room", "bob", 0, AgoraEcode.GENERAL_E_WRONG_PARAM, "[7]"],
      ["onInviteFailed", "room", "bob", 0, AgoraEcode.GENERAL_E_LARGE_PARAM, long],
    ]);
  });

  it("S-L05 an extra may have 8 KiB", async () => {
    const { alice, bob } = await startCallers();
    const extra = JSON.stringify({ text: "a".repeat(8_192 - '{"text":""}'.length) });

    alice.api.channelInviteUser2("room", "bob", extra);

    expect((await bob.heard.until("onInviteReceived"))[3]).toBe(extra);
  });

  it("S-M28 S-C29 a call fails with 1003 without a login, with 1004 to a wrong account or to oneself", async () => {
    const { server, alice } = await startCallers();
    const nobody = createUser(server);

    nobody.api.channelInviteUser("room", "bob", 0);
    await nobody.heard.until("onInviteFailed");
    for (const account of ["two words", "alice"]) alice.api.channelInviteUser("room", account, 0);
    await alice.heard.until("onInviteFailed", 2);

    expect(nobody.heard.told).toEqual([["onInviteFailed", "room", "bob", 0, 1003, ""]]);
    expect(alice.heard.of("onInviteFailed").map(([, account, , ecode]) => [account, ecode])).toEqual([
      ["two words", 1004],
      ["alice", 1004],
    ]);
  });

  it("S-M30 S-M31 S-C06 an answer to no call fails with 1001, without a login with 1003", async () => {
    const { server, bob } = await startCallers();
    const nobody = createUser(server);

    bob.api.channelInviteAccept("room", "alice", 0, "");
    bob.api.channelInviteRefuse("room", "alice", 0, "");
    nobody.api.channelInviteAccept("room", "alice", 0, "");
    await bob.heard.until("onError", 2);
    await nobody.heard.until("onError");

    expect(bob.heard.of("onError")).toEqual([
      ["channelInviteAccept", AgoraEcode.GENERAL_E_FAILED, "There is no such call."],
      ["channelInviteRefuse", AgoraEcode.GENERAL_E_FAILED, "There is no such call."],
    ]);
    expect(nobody.heard.told).toEqual([["onError", "channelInviteAccept", AgoraEcode.GENERAL_E_NOT_LOGIN, "Log in first."]]);
  });

  it("S-X01 with _require_peer_online 1 a call to who is offline fails at once with 703", async () => {
    const { alice } = await startCallers();
    const extra = '{"_require_peer_online":1}';

    alice.api.channelInviteUser2("room", "nobody", extra);

    expect(await alice.heard.until("onInviteFailed")).toEqual(["room", "nobody", 0, AgoraEcode.INVITE_E_PEEROFFLINE, extra]);
  });
});

describe("digits", () => {
  it("S-M29 S-C32 S-E06 digits come to the other side of a call", async () => {
    const { alice, bob } = await startCall();

    alice.api.channelInviteDTMF("room", "bob", "12*#");
    await bob.heard.until("onInviteMsg");
    bob.api.channelInviteDTMF("room", "alice", "9");
    await alice.heard.until("onInviteMsg");

    expect(bob.heard.told).toEqual([["onInviteMsg", "room", "alice", 0, "DTMF", "12*#", ""]]);
    expect(alice.heard.told).toEqual([["onInviteMsg", "room", "bob", 0, "DTMF", "9", ""]]);
  });

  it("S-M29 S-C06 wrong digits fail with 1004, no call with 1001", async () => {
    const { alice } = await startCall();

    alice.api.channelInviteDTMF("room", "bob", "12a");
    alice.api.channelInviteDTMF("another room", "bob", "1");
    await alice.heard.until("onError", 2);

    expect(alice.heard.of("onError").map(([method, ecode]) => [method, ecode])).toEqual([
      ["channelInviteDTMF", AgoraEcode.GENERAL_E_WRONG_PARAM],
      ["channelInviteDTMF", AgoraEcode.GENERAL_E_FAILED],
    ]);
  });

  it("S-M35 messageDTMFSend sends to the peer of the only call", async () => {
    const { alice, bob } = await startCall();

    alice.api.messageDTMFSend(0, "5", "one");
    await bob.heard.until("onInviteMsg");
    await alice.heard.until("onMessageSendSuccess");

    expect(bob.heard.told).toEqual([["onInviteMsg", "room", "alice", 0, "DTMF", "5", ""]]);
    expect(alice.heard.told).toEqual([["onMessageSendSuccess", "one"]]);
  });

  it("S-M35 messageDTMFSend fails with 1001 without a call, and with several", async () => {
    const { alice, bob } = await startCallers();

    alice.api.messageDTMFSend(0, "5", "none");
    alice.api.channelInviteUser("one", "bob", 0);
    alice.api.channelInviteUser("two", "bob", 0);
    await bob.heard.until("onInviteReceived", 2);
    alice.api.messageDTMFSend(0, "5", "several");
    await alice.heard.until("onMessageSendError", 2);

    expect(alice.heard.of("onMessageSendError")).toEqual([
      ["none", AgoraEcode.GENERAL_E_FAILED],
      ["several", AgoraEcode.GENERAL_E_FAILED],
    ]);
  });
});

describe("calls to telephones", () => {
  it("S-M36 S-M37 S-M38 call the account of the number, which gets srcNum in extra", async () => {
    const server = await startDialectServer();
    const [alice, gateway] = [await loginUser(server, "alice"), await loginUser(server, "+4930123")];

    alice.api.channelInvitePhone("one", "+4930123", 0);
    alice.api.channelInvitePhone2("two", "+4930123", "+1555");
    alice.api.channelInvitePhone3("three", "+4930123", "+1555", '{"my":1}');
    await gateway.heard.until("onInviteReceived", 3);

    expect(gateway.heard.told).toEqual([
      ["onInviteReceived", "one", "alice", 0, ""],
      ["onInviteReceived", "two", "alice", 0, '{"srcNum":"+1555"}'],
      ["onInviteReceived", "three", "alice", 0, '{"my":1,"srcNum":"+1555"}'],
    ]);
  });

  it("S-M38 S-C29 an extra that is no JSON fails with 1004", async () => {
    const { alice } = await startCallers();

    alice.api.channelInvitePhone3("room", "bob", "+1555", "hello");

    expect(await alice.heard.until("onInviteFailed")).toEqual(["room", "bob", 0, 1004, "hello"]);
  });
});
