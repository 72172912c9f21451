import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { describe, expect, it } from "vitest";
import { AgoraEcode, LoginState } from "../../../src/client/dialect/signaling/index.js";
import { GrpcTransport } from "../../../src/client/index.js";
import type { Transport } from "../../../src/client/transport/transport.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { startManualServer } from "./manual-server.js";
import { createUser, joinUsers, loginUser, settled } from "./users.js";
import { Wire } from "./wire.js";

describe("login", () => {
  it("S-M07 S-C03 S-E02 logs in, and getStatus follows", async () => {
    const server = await startDialectServer();
    const { api, heard } = createUser(server);
    expect(api.getStatus()).toBe(LoginState.LOGIN_STATE_NOT_LOGIN);

    api.login(server.appId, "alice", await server.token("alice"), 0, "");
    expect(heard.told).toEqual([]);
    expect(api.getStatus()).toBe(LoginState.LOGIN_STATE_LOGINING);
    await heard.until("onLoginSuccess");

    expect(heard.told).toEqual([["onLoginSuccess", 0, 0]]);
    expect(api.getStatus()).toBe(LoginState.LOGIN_STATE_LOGINED);
  });

  it("S-M33 S-M39 getStatus and isOnline tell whether the user is logged in", async () => {
    const server = await startDialectServer();
    const { api, heard } = await loginUser(server, "alice");
    expect([api.getStatus(), api.isOnline()]).toEqual([2, true]);

    api.logout();
    await heard.until("onLogout");

    expect([api.getStatus(), api.isOnline()]).toEqual([0, false]);
  });

  it("S-M07 S-C07 a login while logged in is ignored, with a line of the log", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");

    alice.api.login(server.appId, "bob", await server.token("bob"), 0, "");
    await settled(alice, "alice");

    expect(alice.heard.names).toEqual(["onMessageInstantReceive", "onMessageSendSuccess"]);
    expect(alice.log).toEqual(["The login was ignored: the user is logged in, or is about to be."]);
  });

  it("S-M07 S-L12 uid and deviceID are ignored, also where they are left out", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [createUser(server), createUser(server)];

    alice.api.login(server.appId, "alice", await server.token("alice"), 4711, "a phone");
    bob.api.login(server.appId, "bob", await server.token("bob"));

    expect(await alice.heard.until("onLoginSuccess")).toEqual([0, 0]);
    expect(await bob.heard.until("onLoginSuccess")).toEqual([0, 0]);
  });

  it("S-M09 logout followed by login at once replaces the session", async () => {
    const server = await startDialectServer();
    const { api, heard } = await loginUser(server, "alice");
    const token = await server.token("alice");

    api.logout();
    api.login(server.appId, "alice", token, 0, "");
    await heard.until("onLoginSuccess");

    expect(heard.told).toEqual([
      ["onLogout", AgoraEcode.LOGOUT_E_USER],
      ["onLoginSuccess", 0, 0],
    ]);
    expect(api.isOnline()).toBe(true);
  });

  it("S-M09 S-C05 logout leaves the channel and tells 101, without a login 108", async () => {
    const server = await startDialectServer();
    const [alice, bob] = await joinUsers(server, "room", "alice", "bob");

    alice.api.logout();
    await alice.heard.until("onLogout");
    alice.api.logout();
    await alice.heard.until("onLogout", 2);
    await bob.heard.until("onChannelUserLeaved");

    expect(alice.heard.told).toEqual([
      ["onChannelLeaved", "room", AgoraEcode.LEAVECHANNEL_E_LOGOUT],
      ["onLogout", AgoraEcode.LOGOUT_E_USER],
      ["onLogout", AgoraEcode.LOGOUT_E_ALREADY_LOGOUT],
    ]);
    expect(bob.heard.told).toEqual([["onChannelUserLeaved", "alice", 0]]);
  });

  it("S-M09 S-C04 logout during a login cancels it with 203", async () => {
    const server = await startDialectServer();
    const { api, heard } = createUser(server);

    api.login(server.appId, "alice", await server.token("alice"), 0, "");
    api.logout();
    await heard.until("onLoginFailed");

    expect(heard.told).toEqual([["onLoginFailed", AgoraEcode.LOGIN_E_CANCEL]]);
    expect(api.getStatus()).toBe(0);
  });

  it.each([
    ["a space", "two words"],
    ["nothing", ""],
    ["129 bytes", "a".repeat(129)],
    ["an invisible character", "a\u200bb"],
  ])("S-L01 S-M07 an account with %s fails with 209", async (_what, account) => {
    const server = await startDialectServer();
    const { api, heard } = createUser(server);

    api.login(server.appId, account, await server.token("alice"), 0, "");

    expect(await heard.until("onLoginFailed")).toEqual([AgoraEcode.LOGIN_E_INVALID_USER]);
  });

  it("S-L01 an account may have 128 bytes", async () => {
    const server = await startDialectServer();
    const account = "é".repeat(64);

    const alice = await loginUser(server, account);

    expect(alice.api.isOnline()).toBe(true);
  });

  it("S-L11 S-C04 a token that is wrong fails with 206, an expired one with 204, none with 201", async () => {
    const server = await startDialectServer();
    const { api, heard } = createUser(server);
    const expired = await server.token("alice", { validForMs: -3_600_000 });
    const ofBob = await server.token("bob");

    for (const [place, token] of ["nonsense", expired, ofBob, ""].entries()) {
      api.login(server.appId, "alice", token, 0, "");
      await heard.until("onLoginFailed", place + 1);
    }
    api.login("", "alice", ofBob, 0, "");
    await heard.until("onLoginFailed", 5);

    expect(heard.of("onLoginFailed").flat()).toEqual([206, 204, 206, 201, 201]);
  });

  it("S-L11 another app fails with 202", async () => {
    const server = await startDialectServer();
    const { api, heard } = createUser(server);

    api.login("another app", "alice", await server.token("alice"), 0, "");

    expect(await heard.until("onLoginFailed")).toEqual([AgoraEcode.LOGIN_E_FAILED]);
  });

  it("S-L10 _no_need_token logs in where the server lets users in without a token, else it fails with 206", async () => {
    const open = await startDialectServer({ allowNoToken: true });
    const strict = await startDialectServer();
    const [alice, bob] = [createUser(open), createUser(strict)];

    alice.api.login(open.appId, "alice", "_no_need_token", 0, "");
    bob.api.login(strict.appId, "bob", "_no_need_token", 0, "");

    await alice.heard.until("onLoginSuccess");
    expect(await bob.heard.until("onLoginFailed")).toEqual([AgoraEcode.LOGIN_E_TOKENWRONG]);
  });

  it("S-C05 a login elsewhere ends with 103, and the channel with 603", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");

    await loginUser(server, "alice");
    await alice.heard.until("onLogout");

    expect(alice.heard.told).toEqual([
      ["onChannelLeaved", "room", AgoraEcode.LEAVECHANNEL_E_LOGOUT],
      ["onLogout", AgoraEcode.LOGOUT_E_KICKED],
    ]);
    expect(alice.api.getStatus()).toBe(0);
  });
});

describe("a login whose server is away", () => {
  /** A way to a port at which nobody listens. */
  async function deadWire(): Promise<Wire> {
    const tcp = createTcpServer().listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const address = tcp.address();
    tcp.close();
    await once(tcp, "close");
    return new Wire(new GrpcTransport({ address: `127.0.0.1:${typeof address === "object" ? address?.port : 0}` }));
  }

  it("S-M08 fails with 201 after the tries, when these are used up first", async () => {
    const server = await startDialectServer();
    const transport = await deadWire();
    const { api, heard } = createUser(server, { transport });

    api.login2(server.appId, "alice", "token", 0, "", 60, 2);
    await heard.until("onLoginFailed");

    expect(heard.told).toEqual([["onLoginFailed", AgoraEcode.LOGIN_E_NET]]);
    expect(transport.opened).toBe(2);
    expect(api.getStatus()).toBe(0);
  });

  it("S-M08 fails with 201 after the time, when that is over first", async () => {
    const server = await startManualServer();
    const transport = new Wire(server.transport);
    transport.isOpen = false;
    const { api, heard } = server.createUser({ transport });

    api.login2(server.appId, "alice", server.token("alice"), 0, "", 5, 1000);
    await server.advance(4_900);
    expect(heard.told).toEqual([]);
    await server.advance(200);

    expect(heard.told).toEqual([["onLoginFailed", AgoraEcode.LOGIN_E_NET]]);
    const { opened } = transport;
    await server.advance(60_000);
    expect(transport.opened).toBe(opened);
  });

  it("S-L09 login makes 3 tries within 30 seconds", async () => {
    const server = await startManualServer();
    const transport = new Wire(server.transport);
    transport.isOpen = false;
    const { api, heard } = server.createUser({ transport });

    api.login(server.appId, "alice", server.token("alice"), 0, "");
    await server.advance(29_000);

    expect(transport.opened).toBe(3);
    expect(heard.told).toEqual([["onLoginFailed", AgoraEcode.LOGIN_E_NET]]);
  });

  it("S-L09 login gives up after 30 seconds without an answer", async () => {
    const server = await startManualServer();
    const silent: Transport = { open: () => ({ send: () => {}, close: () => {} }) };
    const { api, heard } = server.createUser({ transport: silent });

    api.login(server.appId, "alice", server.token("alice"), 0, "");
    await server.advance(25_000);
    expect(heard.told).toEqual([]);
    await server.advance(5_100);

    expect(heard.told).toEqual([["onLoginFailed", AgoraEcode.LOGIN_E_NET]]);
  });

  it("S-M08 succeeds when the server is there within the tries", async () => {
    const server = await startManualServer();
    const transport = new Wire(server.transport);
    transport.isOpen = false;
    const { api, heard } = server.createUser({ transport });

    api.login2(server.appId, "alice", server.token("alice"), 0, "", 30, 3);
    await server.advance(10);
    transport.isOpen = true;
    await server.advance(5_000);

    expect(heard.told).toEqual([["onLoginSuccess", 0, 0]]);
  });
});
