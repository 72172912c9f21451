import AgoraRTM, { LoginError, LogoutError, RtmClient, RtmError } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import { codeOf, createUser, joinChannel, loginUser } from "./support.js";

describe("createInstance", () => {
  it("R-M01 R-T01 makes any number of clients, each on its own", async () => {
    const server = await startDialectServer();
    const [first, second] = [createUser(server), createUser(server)];

    await first.client.login({ uid: "ann", token: await server.token("ann") });

    expect(first.client).toBeInstanceOf(RtmClient);
    expect(first.client).not.toBe(second.client);
    expect(first.client.connectionState).toBe("CONNECTED");
    expect(second.client.connectionState).toBe("DISCONNECTED");
    expect(await codeOf(second.client.logout())).toBe(LogoutError.USER_NOT_LOGGED_IN);
  });

  it("R-M01 takes the address from configure, so that the call stays as it was", async () => {
    const server = await startDialectServer();
    AgoraRTM.configure({ address: server.address });
    AgoraRTM.setArea({ areaCodes: [AgoraRTM.AreaCode.CHINA] });
    const config = { logFilter: AgoraRTM.LOG_FILTER_OFF, enableLogUpload: false };
    const client = AgoraRTM.createInstance(server.appId, config, [AgoraRTM.AreaCode.GLOBAL]);

    await client.login({ uid: "ann", token: await server.token("ann") });
    const state = client.connectionState;
    await client.release();
    AgoraRTM.configure({});

    expect(state).toBe("CONNECTED");
  });
});

describe("login", () => {
  it("R-M03 R-C01 R-C03 R-T06 resolves when the client is CONNECTED, and tells the two steps first", async () => {
    const server = await startDialectServer();
    const { client, recorder } = createUser(server);

    const login = client.login({ uid: "ann", token: await server.token("ann") });
    const toldInside = recorder.told.length;
    await login;

    expect(toldInside).toBe(0);
    expect(client.connectionState).toBe("CONNECTED");
    expect(recorder.told).toEqual([
      ["ConnectionStateChanged", "CONNECTING", "LOGIN"],
      ["ConnectionStateChanged", "CONNECTED", "LOGIN_SUCCESS"],
    ]);
  });

  it("R-M03 takes the token and the user id in the order of the native SDKs", async () => {
    const server = await startDialectServer();
    const { client } = createUser(server);

    await client.login(await server.token("ann"), "ann");

    expect(client.connectionState).toBe("CONNECTED");
  });

  it("R-C02 R-E01 rejects with an error that has a code, and is DISCONNECTED again", async () => {
    const server = await startDialectServer();
    const { client, recorder } = createUser(server);

    const error = await client.login({ uid: "ann", token: "wrong" }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(RtmError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: LoginError.INVALID_TOKEN, name: "RtmError" });
    expect(recorder.told).toEqual([
      ["ConnectionStateChanged", "CONNECTING", "LOGIN"],
      ["ConnectionStateChanged", "DISCONNECTED", "LOGIN_FAILURE"],
    ]);
    await client.login({ uid: "ann", token: await server.token("ann") });
    expect(client.connectionState).toBe("CONNECTED");
  });

  it("R-E01 R-L09 has the original code for each thing that can be wrong with a login", async () => {
    const server = await startDialectServer();
    const { client } = createUser(server);
    const token = await server.token("ann");

    expect(await codeOf(client.login({ uid: "null", token }))).toBe(LoginError.INVALID_ARGUMENT);
    expect(await codeOf(client.login({ uid: "ann", token: "_no_need_token" }))).toBe(LoginError.INVALID_TOKEN);
    expect(await codeOf(client.login({ uid: "ann" }))).toBe(LoginError.INVALID_TOKEN);
    expect(await codeOf(client.login({ uid: "bob", token }))).toBe(LoginError.INVALID_TOKEN);
    const stranger = AgoraRTM.createInstance("another app", {}, { address: server.address });
    expect(await codeOf(stranger.login({ uid: "ann", token }))).toBe(LoginError.INVALID_APP_ID);
    await stranger.release();
  });

  it("R-L09 needs no token where the server's test switch is on", async () => {
    const server = await startDialectServer({ allowNoToken: true });
    const { client } = createUser(server);

    await client.login({ uid: "ann" });

    expect(client.connectionState).toBe("CONNECTED");
  });

  it("R-E01 is ALREADY_LOGGED_IN while one is under way, while logged in, and while ABORTED", async () => {
    const server = await startDialectServer();
    const { client, recorder } = createUser(server);
    const options = { uid: "ann", token: await server.token("ann") };

    const login = client.login(options);
    expect(await codeOf(client.login(options))).toBe(LoginError.ALREADY_LOGGED_IN);
    await login;
    expect(await codeOf(client.login(options))).toBe(LoginError.ALREADY_LOGGED_IN);
    await loginUser(server, "ann");
    await recorder.until("ConnectionStateChanged", 3);
    expect(recorder.told.at(-1)).toEqual(["ConnectionStateChanged", "ABORTED", "REMOTE_LOGIN"]);
    expect(await codeOf(client.login(options))).toBe(LoginError.ALREADY_LOGGED_IN);
    await client.logout();
    expect(client.connectionState).toBe("DISCONNECTED");
  });

  it("R-E01 R-L07 is TOO_OFTEN for the third login of a user in a second", async () => {
    const server = await startDialectServer();
    const token = await server.token("ann");

    const codes = await Promise.all([1, 2, 3].map(() => codeOf(createUser(server).client.login({ uid: "ann", token }))));

    expect(codes).toContain(LoginError.TOO_OFTEN);
  });
});

describe("logout", () => {
  it("R-M04 R-C03 leaves the channels, ends the own attributes, and is DISCONNECTED", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    await joinChannel(ann, "room");
    const { recorder } = await joinChannel(bob, "room");
    await ann.client.setLocalUserAttributes({ mood: "calm" });

    await ann.client.logout();

    expect(ann.recorder.told).toEqual([["ConnectionStateChanged", "DISCONNECTED", "LOGOUT"]]);
    await recorder.until("MemberLeft");
    expect(recorder.of("MemberLeft")).toEqual([["ann"]]);
    expect(await codeOf(bob.client.getUserAttributes("ann"))).toBe(6);
    expect(await codeOf(ann.client.logout())).toBe(LogoutError.USER_NOT_LOGGED_IN);
  });

  it("R-M04 can be followed by a login of another user", async () => {
    const server = await startDialectServer();
    const { client } = await loginUser(server, "ann");

    await client.logout();
    await client.login({ uid: "bob", token: await server.token("bob") });

    expect(await client.queryPeersOnlineStatus(["ann", "bob"])).toEqual({ ann: false, bob: true });
  });

  it("R-M04 gives up a login that is under way", async () => {
    const server = await startDialectServer();
    const { client } = createUser(server);

    const login = codeOf(client.login({ uid: "ann", token: await server.token("ann") }));
    await client.logout();

    expect(await login).toBe(LoginError.UNKNOWN);
    expect(client.connectionState).toBe("DISCONNECTED");
  });
});

describe("release", () => {
  it("R-M02 logs out, tells nothing more, and fails every later call with 101", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    const { channel } = await joinChannel(ann, "room");
    const invitation = ann.client.createLocalInvitation("bob");
    const calls = ann.client.getRtmCallManager();

    await ann.client.release();

    expect(await bob.client.queryPeersOnlineStatus(["ann"])).toEqual({ ann: false });
    expect(ann.recorder.told).toEqual([]);
    expect(ann.client.listenerCount("ConnectionStateChanged")).toBe(0);
    const later = [
      () => ann.client.login({ uid: "ann", token: "token" }),
      () => ann.client.logout(),
      () => ann.client.renewToken("token"),
      () => ann.client.sendMessageToPeer({ text: "hello" }, "bob"),
      () => ann.client.queryPeersOnlineStatus(["bob"]),
      () => ann.client.setLocalUserAttributes({ mood: "calm" }),
      () => ann.client.getUserAttributes("bob"),
      () => ann.client.getChannelMemberCount(["room"]),
      () => ann.client.getChannelAttributes("room"),
      () => channel.join(),
      () => channel.leave(),
      () => channel.sendMessage({ text: "hello" }),
      () => channel.getMembers(),
      () => calls.sendLocalInvitation(invitation),
      () => calls.cancelLocalInvitation(invitation),
    ];
    expect(await Promise.all(later.map((call) => codeOf(call())))).toEqual(later.map(() => LoginError.NOT_INITIALIZED));
  });
});
