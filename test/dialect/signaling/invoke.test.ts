import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { createUser, joinUsers, loginUser, type User } from "./users.js";

/** Invokes, and gives the error and the parsed response. */
async function ask({ api, heard }: User, name: string, request: unknown): Promise<readonly [err: unknown, resp: unknown]> {
  const before = heard.of("onInvokeRet").length;
  const callID = `call ${before}`;
  api.invoke(name, typeof request === "string" ? request : JSON.stringify(request), callID);
  const [id, err, resp] = await heard.until("onInvokeRet", before + 1);
  expect(id).toBe(callID);
  return [err, JSON.parse(String(resp))];
}

describe("invoke", () => {
  it("S-I01 S-M10 S-C08 S-E04 user_query_user_status tells 1 or 0 as a number", async () => {
    const alice = await loginUser(await startDialectServer(), "alice");

    expect(await ask(alice, "io.agora.signal.user_query_user_status", { account: "alice" })).toEqual([
      "",
      { result: "ok", status: 1 },
    ]);
    expect(await ask(alice, "io.agora.signal.user_query_user_status", { account: "nobody" })).toEqual([
      "",
      { result: "ok", status: 0 },
    ]);
  });

  it("S-I02 S-I03 S-I04 user_set_attr, user_get_attr and user_get_attr_all write and read attributes", async () => {
    const server = await startDialectServer();
    const [alice, bob] = [await loginUser(server, "alice"), await loginUser(server, "bob")];

    expect(await ask(alice, "io.agora.signal.user_set_attr", { name: "mood", value: "calm" })).toEqual(["", { result: "ok" }]);
    expect(await ask(bob, "io.agora.signal.user_get_attr", { account: "alice", name: "mood" })).toEqual([
      "",
      { result: "ok", value: "calm" },
    ]);
    expect(await ask(bob, "io.agora.signal.user_get_attr_all", { account: "alice" })).toEqual([
      "",
      { result: "ok", json: '{"mood":"calm"}' },
    ]);
  });

  it("S-I05 channel_query_num counts the members", async () => {
    const server = await startDialectServer({ limits: { ...defaultLimits, memberCounts: 100 } });
    const [alice] = await joinUsers(server, "room", "alice", "bob");

    expect(await ask(alice, "io.agora.signal.channel_query_num", { name: "room" })).toEqual(["", { result: "ok", num: 2 }]);
    expect(await ask(alice, "io.agora.signal.channel_query_num", { name: "nowhere" })).toEqual(["", { result: "ok", num: 0 }]);
  });

  it("S-I06 S-E05 channel_query_user_isin tells 1 or 0", async () => {
    const server = await startDialectServer();
    const [alice] = await joinUsers(server, "room", "alice");
    const isIn = (account: string) => ask(alice, "io.agora.signal.channel_query_user_isin", { name: "room", account });

    expect(await isIn("alice")).toEqual(["", { result: "ok", isin: 1 }]);
    expect(await isIn("bob")).toEqual(["", { result: "ok", isin: 0 }]);
  });

  it("S-I07 S-I08 S-L08 the lists have the latest 200 members, or as many as are asked for, at most 512", async () => {
    const server = await startDialectServer();
    const join = { channel: "room", exclusive: false, receiveOwnMessages: false, recoverFrom: undefined, businessId: "" };
    for (let place = 0; place < 204; place += 1) {
      const member = await server.login(`member-${place}`);
      await server.ask(member, { $case: "joinChannel", value: { ...join, include: [] } });
    }
    const alice = await loginUser(server, "alice");
    alice.api.channelJoin("room");
    await alice.heard.until("onChannelUserList");
    const list = async (name: string, request: object) => {
      const [err, resp] = await ask(alice, `io.agora.signal.${name}`, request);
      expect(err).toBe("");
      return resp as { result: string; num: number; list: [string, number][] };
    };

    const latest = await list("channel_query_userlist", { name: "room" });
    const all = await list("channel_query_userlist_all", { name: "room" });
    const three = await list("channel_query_userlist_all", { name: "room", num: 3 });

    expect([latest.result, latest.num, latest.list.length]).toEqual(["ok", 205, 200]);
    expect([all.num, all.list.length]).toEqual([205, 205]);
    expect(three.list).toEqual([
      ["alice", 0],
      ["member-203", 0],
      ["member-202", 0],
    ]);
  });

  it("S-I09 S-I10 S-I11 channel_set_attr, channel_del_attr and channel_clear_attr tell all members", async () => {
    const server = await startDialectServer();
    const [alice, bob] = await joinUsers(server, "room", "alice", "bob");
    const ok = ["", { result: "ok" }];

    expect(await ask(alice, "io.agora.signal.channel_set_attr", { channel: "room", name: "topic", value: "tea" })).toEqual(ok);
    expect(await ask(alice, "io.agora.signal.channel_del_attr", { channel: "room", name: "topic" })).toEqual(ok);
    expect(await ask(alice, "io.agora.signal.channel_clear_attr", { channel: "room" })).toEqual(ok);
    await bob.heard.until("onChannelAttrUpdated", 2);

    expect(bob.heard.told.slice(0, 2)).toEqual([
      ["onChannelAttrUpdated", "room", "topic", "tea", "update"],
      ["onChannelAttrUpdated", "room", "topic", "", "del"],
    ]);
  });

  it.each([
    ["an unknown name", "io.agora.signal.make_tea", {}],
    ["what is no JSON", "io.agora.signal.channel_query_num", "{"],
    ["what is no object", "io.agora.signal.channel_query_num", "null"],
    ["a field that is missing", "io.agora.signal.channel_query_num", {}],
    ["a field of another type", "io.agora.signal.user_query_user_status", { account: 7 }],
    ["a number out of range", "io.agora.signal.channel_query_userlist_all", { name: "room", num: 0 }],
  ])("S-M10 S-C08 %s fails with 1004", async (_what, name, request) => {
    const alice = await loginUser(await startDialectServer(), "alice");

    const failed = { result: "failed", reason: expect.stringMatching(/\.$/) };
    expect(await ask(alice, name, request)).toEqual(["1004", failed]);
  });

  it("S-M10 S-C08 without a login it fails with 1003, for too long a value with 1005, for a list from outside with 1001", async () => {
    const server = await startDialectServer();
    const [alice, nobody] = [await loginUser(server, "alice"), createUser(server)];
    const [long, asked] = ["a".repeat(8_097), { account: "bob" }];

    expect((await ask(nobody, "io.agora.signal.user_query_user_status", asked))[0]).toBe("1003");
    expect((await ask(alice, "io.agora.signal.user_set_attr", { name: "n", value: long }))[0]).toBe("1005");
    expect((await ask(alice, "io.agora.signal.channel_query_userlist", { name: "room" }))[0]).toBe("1001");
  });
});
