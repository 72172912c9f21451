import { describe, expect, it } from "vitest";
import { AgoraEcode, LoginState } from "../../../src/client/dialect/signaling/index.js";
import { startManualServer } from "./manual-server.js";
import { Wire } from "./wire.js";

describe("a link that is lost", () => {
  async function startWired(account = "alice") {
    const server = await startManualServer();
    const wire = new Wire(server.transport);
    const user = await server.loginUser(account, { transport: wire });
    return { server, wire, ...user };
  }

  it("S-C01 S-C02 S-E02 is told with each try, counted from 1, and when it is there again", async () => {
    const { server, wire, api, heard } = await startWired();

    wire.isOpen = false;
    wire.cut();
    await server.advance(0);
    expect(heard.told).toEqual([["onReconnecting", 1]]);
    expect(api.getStatus()).toBe(LoginState.LOGIN_STATE_RECONNECTING);
    await server.advance(3_000);
    wire.isOpen = true;
    await server.advance(10_000);

    const tries = heard.of("onReconnecting").flat();
    expect(tries.length).toBeGreaterThan(1);
    expect(tries).toEqual(tries.map((_, place) => place + 1));
    expect(heard.told.at(-1)).toEqual(["onReconnected", 0]);
    expect(api.getStatus()).toBe(LoginState.LOGIN_STATE_LOGINED);
  });

  it("S-C05 S-C18 ends with 102 after 30 seconds, the channel with 604, and nothing is tried afterwards", async () => {
    const { server, wire, api, heard } = await startWired();
    api.channelJoin("room");
    await server.advance(100);
    heard.clear();

    wire.isOpen = false;
    wire.cut();
    await server.advance(29_900);
    expect(heard.names).not.toContain("onLogout");
    await server.advance(200);
    const { opened } = wire;
    await server.advance(60_000);

    expect(heard.told.slice(-2)).toEqual([
      ["onChannelLeaved", "room", AgoraEcode.LEAVECHANNEL_E_DISCONN],
      ["onLogout", AgoraEcode.LOGOUT_E_NET],
    ]);
    expect(wire.opened).toBe(opened);
    expect(api.getStatus()).toBe(0);
  });

  it("S-C05 ends with 105 when the token has run out meanwhile", async () => {
    const server = await startManualServer();
    const wire = new Wire(server.transport);
    const { api, heard } = server.createUser({ transport: wire });
    api.login(server.appId, "alice", server.token("alice", 4_000), 0, "");
    await server.advance(1_000);

    wire.isOpen = false;
    wire.cut();
    await server.advance(4_000);
    wire.isOpen = true;
    await server.advance(15_000);

    expect(heard.told.at(-1)).toEqual(["onLogout", AgoraEcode.LOGOUT_E_TOKENEXPIRED]);
  });

  it("S-C05 a token that runs out while the link is there changes nothing", async () => {
    const server = await startManualServer();
    const { api, heard } = server.createUser();
    api.login(server.appId, "alice", server.token("alice", 20_000), 0, "");

    await server.advance(60_000);

    expect(heard.names).toEqual(["onLoginSuccess"]);
  });

  it("S-C05 in the strict mode the end of the token ends with 105", async () => {
    const server = await startManualServer({ tokenGraceMs: 0 });
    const { api, heard } = server.createUser();
    api.login(server.appId, "alice", server.token("alice", 20_000), 0, "");

    await server.advance(30_000);

    expect(heard.told).toEqual([
      ["onLoginSuccess", 0, 0],
      ["onLogout", AgoraEcode.LOGOUT_E_TOKENEXPIRED],
    ]);
  });

  it("S-M09 logout while the link is lost ends with 101", async () => {
    const { server, wire, api, heard } = await startWired();
    wire.isOpen = false;
    wire.cut();
    await server.advance(10);
    heard.clear();

    api.logout();
    await server.advance(10);

    expect(heard.told).toEqual([["onLogout", AgoraEcode.LOGOUT_E_USER]]);
  });

  it("S-C05 messages of the break are told when the link is there again", async () => {
    const { server, wire, heard } = await startWired();
    const bob = await server.loginUser("bob");
    wire.isOpen = false;
    wire.cut();
    await server.advance(10);

    bob.api.messageInstantSend("alice", 0, "are you there?", "1");
    await server.advance(1_000);
    wire.isOpen = true;
    await server.advance(10_000);

    expect(heard.told.slice(-2)).toEqual([
      ["onReconnected", 0],
      ["onMessageInstantReceive", "bob", 0, "are you there?"],
    ]);
  });
});
