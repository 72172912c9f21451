import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { AgoraAPI, AgoraAPIOnlySignal, AgoraCallbacks } from "../../../src/client/dialect/signaling/index.js";
import { versionNumber } from "../../../src/client/dialect/signaling/version.js";
import { startDialectServer, whenFinished } from "../../support/dialect-server.js";
import { createUser, loginUser, settled } from "./users.js";

describe("instances", () => {
  it("S-M01 getInstanceWithoutMedia gives one instance for each app", () => {
    const one = AgoraAPI.getInstanceWithoutMedia("app of S-M01");
    whenFinished(() => one.destroy());

    expect(AgoraAPI.getInstanceWithoutMedia("app of S-M01")).toBe(one);
    const other = AgoraAPI.getInstanceWithoutMedia("another app");
    whenFinished(() => other.destroy());
    expect(other).not.toBe(one);
    expect(AgoraAPIOnlySignal.getInstanceWithoutMedia("app of S-M01")).toBe(one);
  });

  it("S-M02 createSigInstance gives a new instance each time, and they are independent", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");
    const other = createUser(server);

    expect(other.api).not.toBe(alice.api);
    expect([alice.api.isOnline(), other.api.isOnline()]).toEqual([true, false]);
  });

  it("S-M03 getInstance gives the same as getInstanceWithoutMedia", () => {
    const one = AgoraAPI.getInstance("app of S-M03");
    whenFinished(() => one.destroy());

    expect(AgoraAPI.getInstanceWithoutMedia("app of S-M03")).toBe(one);
  });

  it("S-M04 createAgoraSDKInstance gives a new instance each time", () => {
    const one = AgoraAPI.createAgoraSDKInstance("app");

    expect(one).toBeInstanceOf(AgoraAPI);
    expect(AgoraAPI.createAgoraSDKInstance("app")).not.toBe(one);
  });

  it("S-M05 callbackSet sets all callbacks, and clears those that are not there", async () => {
    const server = await startDialectServer();
    const { api, heard } = await loginUser(server, "alice");
    class Callbacks extends AgoraCallbacks {
      readonly lines: string[] = [];
      override onQueryUserStatusResult = (name: string, status: string) => void this.lines.push(`${name} ${status}`);
    }
    const callbacks = new Callbacks();

    api.callbackSet(callbacks);
    api.queryUserStatus("bob");
    api.getAttr("mood");
    await expect.poll(() => callbacks.lines).toEqual(["bob 0"]);

    expect(heard.names).toEqual([]);
    expect(api.onLoginSuccess).toBeUndefined();
  });

  it("S-M06 destroy logs out, silences all callbacks, and leaves getSdkVersion", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await loginUser(server, "bob")];

    alice.api.messageInstantSend("bob", 0, "last words", "1");
    alice.api.destroy();
    alice.api.logout();
    alice.api.login(server.appId, "alice", await server.token("alice"), 0, "");
    alice.api.queryUserStatus("bob");
    await expect
      .poll(async () => {
        bob.api.queryUserStatus("alice");
        return (await bob.heard.until("onQueryUserStatusResult", bob.heard.of("onQueryUserStatusResult").length + 1)).at(1);
      })
      .toBe("0");

    expect(alice.heard.told).toEqual([]);
    expect(alice.api.getStatus()).toBe(0);
    expect(alice.api.getSdkVersion()).toBeGreaterThan(1_000_000_000);
  });

  it("S-M06 destroy frees the place of the one instance of an app", () => {
    const one = AgoraAPI.getInstance("app of S-M06");

    one.destroy();
    const next = AgoraAPI.getInstance("app of S-M06");
    whenFinished(() => next.destroy());

    expect(next).not.toBe(one);
  });

  it("S-M34 getSdkVersion is the version of the package as the old number", async () => {
    const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };

    expect(versionNumber("1.1.4.19")).toBe(1_010_104_019);
    expect(AgoraAPI.createSigInstance("app").getSdkVersion()).toBe(versionNumber(version));
  });

  it("S-C07 onLog tells lines of a log, and a callback that throws", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");
    alice.api.onQueryUserStatusResult = () => {
      throw new Error("no");
    };

    alice.api.queryUserStatus("alice");
    alice.api.login(server.appId, "alice", "token", 0, "");
    await settled(alice, "alice");

    expect(alice.log).toContainEqual("A callback threw: no");
    expect(alice.log).toContainEqual(expect.stringContaining("login was ignored"));
  });

  it("S-C07 onLog that throws does not disturb what follows", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");
    alice.api.onLog = () => {
      throw new Error("no");
    };

    alice.api.login(server.appId, "alice", "token", 0, "");
    alice.api.queryUserStatus("alice");

    expect(await alice.heard.until("onQueryUserStatusResult")).toEqual(["alice", "1"]);
  });
});
