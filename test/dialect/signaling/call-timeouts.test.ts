import { describe, expect, it } from "vitest";
import { AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { startManualServer } from "./manual-server.js";

const { INVITE_E_PEEROFFLINE, INVITE_E_TIMEOUT, GENERAL_E_WRONG_PARAM } = AgoraEcode;

describe("the time-outs of calls", () => {
  it.each([
    ["S-X01 offline: 703 after 20 seconds", "", 20_000, INVITE_E_PEEROFFLINE],
    [
      "S-X01 offline with _require_peer_online 0: 703 after 20 seconds",
      '{"_require_peer_online":0}',
      20_000,
      INVITE_E_PEEROFFLINE,
    ],
    ["S-X02 offline with a _timeout of 25: 703 after 20 seconds", '{"_timeout":25}', 20_000, INVITE_E_PEEROFFLINE],
    ["S-X02 offline with a _timeout of 5: 704 after 5 seconds", '{"_timeout":5}', 5_000, INVITE_E_TIMEOUT],
    ["S-X02 offline with a _timeout of 0: 704 at once", '{"_timeout":0}', 0, INVITE_E_TIMEOUT],
  ])("%s", async (_name, extra, afterMs, ecode) => {
    const server = await startManualServer();
    const alice = await server.loginUser("alice");

    alice.api.channelInviteUser2("room", "bob", extra);
    await server.advance(Math.max(0, afterMs - 1_000));
    expect(alice.heard.told).toEqual([]);
    await server.advance(2_000);

    expect(alice.heard.told).toEqual([["onInviteFailed", "room", "bob", 0, ecode, extra]]);
  });

  it("S-X02 a call that was not received in time is never received", async () => {
    const server = await startManualServer();
    const alice = await server.loginUser("alice");
    alice.api.channelInviteUser2("room", "bob", '{"_timeout":5}');
    await server.advance(6_000);

    const bob = await server.loginUser("bob");
    await server.advance(1_000);

    expect(bob.heard.names).not.toContain("onInviteReceived");
  });

  it.each([
    ["30 seconds by default", "", 30_000],
    ["its _timeout", '{"_timeout":7}', 7_000],
  ])("S-X02 who is online and does not get it: 704 after %s", async (_name, extra, afterMs) => {
    const server = await startManualServer();
    const alice = await server.loginUser("alice");
    await server.loginUser("bob", { transport: server.deafAfterLogin() });

    alice.api.channelInviteUser2("room", "bob", extra);
    await server.advance(afterMs - 1_000);
    expect(alice.heard.told).toEqual([]);
    await server.advance(2_000);

    expect(alice.heard.told).toEqual([["onInviteFailed", "room", "bob", 0, INVITE_E_TIMEOUT, extra]]);
  });

  it("S-C29 a call that rings for 60 seconds fails with 704 on both sides", async () => {
    const server = await startManualServer();
    const [alice, bob] = [await server.loginUser("alice"), await server.loginUser("bob")];

    alice.api.channelInviteUser2("room", "bob", '{"my":1}');
    await server.advance(59_000);
    expect(alice.heard.names).toEqual(["onInviteReceivedByPeer"]);
    await server.advance(3_000);

    expect(alice.heard.told.at(-1)).toEqual(["onInviteFailed", "room", "bob", 0, INVITE_E_TIMEOUT, '{"my":1}']);
    expect(bob.heard.told).toEqual([
      ["onInviteReceived", "room", "alice", 0, '{"my":1}'],
      ["onInviteFailed", "room", "alice", 0, INVITE_E_TIMEOUT, '{"my":1}'],
    ]);
  });

  it("S-X01 who logs in within 20 seconds gets the call", async () => {
    const server = await startManualServer();
    const alice = await server.loginUser("alice");
    alice.api.channelInviteUser("room", "bob", 0);
    await server.advance(15_000);

    const bob = server.createUser();
    bob.api.login(server.appId, "bob", server.token("bob"), 0, "");
    await server.advance(2_000);

    expect(bob.heard.told).toEqual([
      ["onLoginSuccess", 0, 0],
      ["onInviteReceived", "room", "alice", 0, ""],
    ]);
    expect(alice.heard.names).toEqual(["onInviteReceivedByPeer"]);
  });

  it.each(['{"_timeout":31}', '{"_timeout":-1}', '{"_timeout":"5"}', '{"_require_peer_online":2}'])(
    "S-X01 S-X02 %s is out of range: 1004",
    async (extra) => {
      const server = await startManualServer();
      const alice = await server.loginUser("alice");

      alice.api.channelInviteUser2("room", "bob", extra);
      await server.advance(10);

      expect(alice.heard.told).toEqual([["onInviteFailed", "room", "bob", 0, GENERAL_E_WRONG_PARAM, extra]]);
    },
  );
});
