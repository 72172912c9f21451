import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { createUser, joinUsers, loginUser } from "./users.js";

describe("queries", () => {
  it("S-M11 S-C09 S-E04 queryUserStatus tells 1 for online and 0 for offline", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");

    alice.api.queryUserStatus("alice");
    alice.api.queryUserStatus("nobody");
    await alice.heard.until("onQueryUserStatusResult", 2);

    expect(alice.heard.told).toEqual([
      ["onQueryUserStatusResult", "alice", "1"],
      ["onQueryUserStatusResult", "nobody", "0"],
    ]);
  });

  it("S-M11 S-C06 a query that fails is told by onError with the method's name", async () => {
    const server = await startDialectServer();
    const alice = await loginUser(server, "alice");

    alice.api.queryUserStatus("two words");

    expect(await alice.heard.until("onError")).toEqual(["queryUserStatus", 1004, expect.stringMatching(/\.$/)]);
  });

  it("S-C06 without a login the methods without an ecode of their own fail with 1003", async () => {
    const nobody = createUser(await startDialectServer());

    nobody.api.queryUserStatus("bob");
    nobody.api.setAttr("a", "1");
    nobody.api.getAttrAll();
    nobody.api.channelQueryUserIsIn("room", "bob");
    nobody.api.channelSetAttr("room", "a", "1");
    await nobody.heard.until("onError", 5);

    expect(nobody.heard.of("onError").map(([method, ecode]) => [method, ecode])).toEqual([
      ["queryUserStatus", 1003],
      ["setAttr", 1003],
      ["getAttrAll", 1003],
      ["channelQueryUserIsIn", 1003],
      ["channelSetAttr", 1003],
    ]);
  });

  it("S-M20 S-C22 channelQueryUserNum counts the members of any channel", async () => {
    const server = await startDialectServer({ limits: { ...defaultLimits, memberCounts: 1000 } });
    await joinUsers(server, "room", "alice", "bob");
    const carol = await loginUser(server, "carol");

    carol.api.channelQueryUserNum("room");
    carol.api.channelQueryUserNum("nowhere");
    await carol.heard.until("onChannelQueryUserNumResult", 2);

    expect(carol.heard.told).toEqual([
      ["onChannelQueryUserNumResult", "room", 0, 2],
      ["onChannelQueryUserNumResult", "nowhere", 0, 0],
    ]);
  });

  it("S-C22 a count that fails has the ecode 500, 1003 or 1004, and counts 0", async () => {
    const server = await startDialectServer();
    const [alice, nobody] = [await loginUser(server, "alice"), createUser(server)];

    nobody.api.channelQueryUserNum("room");
    alice.api.channelQueryUserNum("");
    for (let calls = 0; calls < 5; calls += 1) alice.api.channelQueryUserNum("room");
    await nobody.heard.until("onChannelQueryUserNumResult");
    await alice.heard.until("onChannelQueryUserNumResult", 6);

    expect(nobody.heard.told).toEqual([["onChannelQueryUserNumResult", "room", 1003, 0]]);
    expect(alice.heard.told).toContainEqual(["onChannelQueryUserNumResult", "", 1004, 0]);
    expect(alice.heard.told).toContainEqual(["onChannelQueryUserNumResult", "room", 500, 0]);
  });

  it("S-M21 S-C23 S-E05 channelQueryUserIsIn tells 1 for a member and 0 for others", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");

    alice.api.channelQueryUserIsIn("room", "alice");
    alice.api.channelQueryUserIsIn("room", "bob");
    await alice.heard.until("onChannelQueryUserIsIn", 2);

    expect(alice.heard.told).toEqual([
      ["onChannelQueryUserIsIn", "room", "alice", 1],
      ["onChannelQueryUserIsIn", "room", "bob", 0],
    ]);
  });
});
