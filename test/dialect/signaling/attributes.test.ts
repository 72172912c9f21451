import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { AgoraEcode } from "../../../src/client/dialect/signaling/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { createUser, joinUsers, loginUser, settled } from "./users.js";

describe("attributes of users", () => {
  it("S-M12 S-M13 S-M14 S-C10 S-C11 own attributes are set without a callback, and read", async () => {
    const server = await startDialectServer();
    const { api, heard } = await loginUser(server, "alice");

    api.setAttr("mood", "calm");
    api.setAttr("__proto__", "odd");
    api.getAttr("mood");
    api.getAttr("hat");
    api.getAttrAll();
    await heard.until("onUserAttrAllResult");

    expect(heard.told).toEqual([
      ["onUserAttrResult", "alice", "mood", "calm"],
      ["onUserAttrResult", "alice", "hat", ""],
      ["onUserAttrAllResult", "alice", '{"mood":"calm","__proto__":"odd"}'],
    ]);
  });

  it("S-M15 S-M16 S-C10 S-C11 attributes of others are read, an unknown user has none", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await loginUser(server, "bob")];
    alice.api.setAttr("mood", "calm");
    alice.api.getAttrAll();
    await alice.heard.until("onUserAttrAllResult");

    bob.api.getUserAttr("alice", "mood");
    bob.api.getUserAttrAll("alice");
    bob.api.getUserAttr("nobody", "mood");
    bob.api.getUserAttrAll("nobody");
    await bob.heard.until("onUserAttrAllResult", 2);

    expect(bob.heard.told).toEqual([
      ["onUserAttrResult", "alice", "mood", "calm"],
      ["onUserAttrAllResult", "alice", '{"mood":"calm"}'],
      ["onUserAttrResult", "nobody", "mood", ""],
      ["onUserAttrAllResult", "nobody", "{}"],
    ]);
  });

  it("S-M12 attributes outlive the logout", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await loginUser(server, "bob")];
    alice.api.setAttr("mood", "calm");
    alice.api.logout();
    await alice.heard.until("onLogout");

    bob.api.getUserAttr("alice", "mood");

    expect(await bob.heard.until("onUserAttrResult")).toEqual(["alice", "mood", "calm"]);
  });

  it("S-M12 S-C06 S-L03 names have 1 to 128 bytes, values at most 8,096: 1004 and 1005 by onError", async () => {
    const server = await startDialectServer();
    const { api, heard } = await loginUser(server, "alice");
    const [longestName, longestValue] = ["n".repeat(128), "é".repeat(4_048)];

    api.setAttr(longestName, longestValue);
    api.setAttr("", "value");
    api.setAttr(`${longestName}n`, "value");
    api.setAttr("name", `${longestValue}a`);
    api.getAttr(longestName);
    await heard.until("onUserAttrResult");
    await heard.until("onError", 3);

    expect(heard.of("onUserAttrResult")).toEqual([["alice", longestName, longestValue]]);
    expect(heard.of("onError").map(([method, ecode]) => [method, ecode])).toEqual(
      expect.arrayContaining([
        ["setAttr", AgoraEcode.GENERAL_E_WRONG_PARAM],
        ["setAttr", AgoraEcode.GENERAL_E_LARGE_PARAM],
      ]),
    );
  });

  it("S-L03 a user has at most 32 attributes: 1005", async () => {
    const server = await startDialectServer({ limits: { ...defaultLimits, attributeWrites: 100 } });
    const { api, heard } = await loginUser(server, "alice");

    for (let place = 0; place <= 32; place += 1) api.setAttr(`name-${place}`, "value");

    expect(await heard.until("onError")).toEqual(["setAttr", AgoraEcode.GENERAL_E_LARGE_PARAM, expect.anything()]);
  });
});

describe("attributes of the channel", () => {
  it("S-M22 S-M23 S-M24 S-C24 S-E03 all members hear of each change, the setter too", async () => {
    const server = await startDialectServer();
    const [alice, bob] = await joinUsers(server, "room", "alice", "bob");

    alice.api.channelSetAttr("room", "topic", "tea");
    alice.api.channelSetAttr("room", "mood", "calm");
    alice.api.channelSetAttr("room", "topic", "cake");
    alice.api.channelDelAttr("room", "mood");
    alice.api.channelDelAttr("room", "mood");
    alice.api.channelClearAttr("room");
    for (const { heard } of [alice, bob]) await heard.until("onChannelAttrUpdated", 5);
    for (const [user, account] of [
      [alice, "alice"],
      [bob, "bob"],
    ] as const)
      await settled(user, account);

    for (const { heard } of [alice, bob]) {
      expect(heard.told.slice(0, 5)).toEqual([
        ["onChannelAttrUpdated", "room", "topic", "tea", "update"],
        ["onChannelAttrUpdated", "room", "mood", "calm", "update"],
        ["onChannelAttrUpdated", "room", "topic", "cake", "update"],
        ["onChannelAttrUpdated", "room", "mood", "", "del"],
        ["onChannelAttrUpdated", "room", "", "", "clear"],
      ]);
      expect(heard.of("onChannelAttrUpdated")).toHaveLength(5);
    }
  });

  it("S-M22 who is not in the channel may set its attributes, and hears nothing of it", async () => {
    const server = await startDialectServer();
    const [bob] = await joinUsers(server, "room", "bob");
    const alice = await loginUser(server, "alice");

    alice.api.channelSetAttr("room", "topic", "tea");
    await bob.heard.until("onChannelAttrUpdated");
    await settled(alice, "alice");

    expect(bob.heard.told).toEqual([["onChannelAttrUpdated", "room", "topic", "tea", "update"]]);
    expect(alice.heard.names).not.toContain("onChannelAttrUpdated");
  });

  it("S-E03 a change by another interface is told by what it wrote and deleted", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");
    const native = await loginUser(server, "bob");
    native.api.channelSetAttr("room", "topic", "tea");
    native.api.channelSetAttr("room", "old", "yes");
    await alice.heard.until("onChannelAttrUpdated", 2);
    alice.heard.clear();
    const carol = await server.login("carol");
    const whole = { channel: "room", expectedRevision: undefined, notice: 3 as const };

    await server.ask(carol, {
      $case: "updateChannelAttributes",
      value: { ...whole, attributes: new Map([["mood", "calm"]]) },
    });
    await server.ask(carol, {
      $case: "setChannelAttributes",
      value: { ...whole, attributes: new Map([["topic", "cake"]]) },
    });
    await alice.heard.until("onChannelAttrUpdated", 4);

    expect(alice.heard.told[0]).toEqual(["onChannelAttrUpdated", "room", "mood", "calm", "update"]);
    expect(alice.heard.told[1]).toEqual(["onChannelAttrUpdated", "room", "topic", "cake", "update"]);
    expect(alice.heard.told.slice(2)).toEqual(
      expect.arrayContaining([
        ["onChannelAttrUpdated", "room", "old", "", "del"],
        ["onChannelAttrUpdated", "room", "mood", "", "del"],
      ]),
    );
  });

  it("S-M22 S-M23 S-M24 S-C06 failures are told by onError with the method's name", async () => {
    const nobody = createUser(await startDialectServer());

    nobody.api.channelSetAttr("room", "topic", "tea");
    nobody.api.channelDelAttr("room", "topic");
    nobody.api.channelClearAttr("room");
    await nobody.heard.until("onError", 3);

    expect(nobody.heard.of("onError").map(([method, ecode]) => [method, ecode])).toEqual([
      ["channelSetAttr", 1003],
      ["channelDelAttr", 1003],
      ["channelClearAttr", 1003],
    ]);
  });

  it("S-L03 a channel attribute's value has at most 8,096 bytes: 1005", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");

    alice.api.channelSetAttr("room", "fits", "a".repeat(8_096));
    alice.api.channelSetAttr("room", "long", "a".repeat(8_097));
    await alice.heard.until("onChannelAttrUpdated");

    expect(await alice.heard.until("onError")).toEqual(["channelSetAttr", 1005, expect.anything()]);
  });
});
