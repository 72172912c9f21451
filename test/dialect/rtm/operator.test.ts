// What an operator does, as users of RTM see it.
import { ChannelMessageError, JoinChannelError, LoginError } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { type AdminTest, startAdminTest } from "../../support/admin.js";
import type { DialectServer } from "../../support/dialect-server.js";
import { codeOf, joinChannel, loginUser } from "./support.js";

async function startOperated(): Promise<DialectServer & Pick<AdminTest, "call">> {
  const test = await startAdminTest();
  return { ...test, appId: test.server.appId, token: (userId) => test.server.issueToken({ userId }) };
}

describe("a user", () => {
  it("R-E17 R-E18 R-E01 R-C08 who is banned is ABORTED, gone for the others, and its login is REJECTED", async () => {
    const server = await startOperated();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    const { recorder } = await joinChannel(ann, "room");
    await joinChannel(bob, "room");

    await server.call("banUser", { userId: "bob" });
    await bob.recorder.until("ConnectionStateChanged");
    await recorder.until("MemberLeft");

    expect(bob.recorder.told).toEqual([["ConnectionStateChanged", "ABORTED", "BANNED_BY_SERVER"]]);
    expect(recorder.of("MemberLeft")).toEqual([["bob"]]);
    await bob.client.logout();
    expect(await codeOf(bob.client.login({ uid: "bob", token: await server.token("bob") }))).toBe(LoginError.REJECTED);
  });

  it("R-E18 who is thrown out is ABORTED, and can log in again", async () => {
    const server = await startOperated();
    const { client, recorder } = await loginUser(server, "ann");

    await server.call("kickUser", { userId: "ann" });
    await recorder.until("ConnectionStateChanged");
    await client.logout();
    await client.login({ uid: "ann", token: await server.token("ann") });

    expect(recorder.of("ConnectionStateChanged")).toEqual([
      ["ABORTED", "BANNED_BY_SERVER"],
      ["DISCONNECTED", "LOGOUT"],
      ["CONNECTING", "LOGIN"],
      ["CONNECTED", "LOGIN_SUCCESS"],
    ]);
  });

  it("R-E05 R-E06 R-C08 who is banned from a channel is out of it, and its join is REJECTED", async () => {
    const server = await startOperated();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    const { recorder } = await joinChannel(ann, "room");
    const { channel } = await joinChannel(bob, "room");

    await server.call("banUser", { userId: "bob", channel: "room" });
    await recorder.until("MemberLeft");
    await ann.client.sendMessageToPeer({ text: "You are out." }, "bob");
    await bob.recorder.until("MessageFromPeer");

    expect(await codeOf(channel.sendMessage({ text: "Am I?" }))).toBe(ChannelMessageError.NOT_IN_CHANNEL);
    expect(await codeOf(channel.join())).toBe(JoinChannelError.REJECTED);
  });
});
