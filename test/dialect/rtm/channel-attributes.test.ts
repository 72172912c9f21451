import { AttributeOperationError } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { AttributeNotice } from "../../../gen/aldis/v1/attribute.js";
import { createClient } from "../../../src/client/index.js";
import { type DialectServer, startDialectServer, whenFinished } from "../../support/dialect-server.js";
import { codeOf, joinChannel, loginUser } from "./support.js";

const told = { enableNotificationToChannelMembers: true };
const by = (user: string, value: string) => ({ value, lastUpdateUserId: user, lastUpdateTs: expect.any(Number) });

/** A native client that has logged in. */
async function loginNative(server: DialectServer, userId: string) {
  const { appId, address } = server;
  const client = createClient({ appId, address, userId, token: await server.token(userId) });
  whenFinished(() => client.close());
  await client.login();
  return client;
}

describe("channel attributes", () => {
  it("R-M24 R-M25 R-M26 R-M27 R-M28 R-M29 are written and read by everybody, a member or not", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    const read = () => bob.client.getChannelAttributes("room");

    await ann.client.setChannelAttributes("room", { topic: "tea", place: "Aldis" });
    await ann.client.setChannelAttributes("room", { topic: "rain" });
    expect(await read()).toEqual({ topic: by("ann", "rain") });
    await bob.client.addOrUpdateChannelAttributes("room", { topic: "snow", mood: "calm" });
    expect(await read()).toEqual({ topic: by("bob", "snow"), mood: by("bob", "calm") });
    await ann.client.deleteChannelAttributesByKeys("room", ["mood", "nothing"]);
    expect(await bob.client.getChannelAttributesByKeys("room", ["mood", "topic"])).toEqual({ topic: by("bob", "snow") });
    await ann.client.clearChannelAttributes("room");
    expect(await read()).toEqual({});
  });

  it("R-C10 R-M24 R-M25 R-M26 R-M27 are told to all members, the writer too, only if asked for: all of them each time", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    await ann.client.setChannelAttributes("room", { before: "1" }, told);
    const [anns, bobs] = [await joinChannel(ann, "room"), await joinChannel(bob, "room")];

    await ann.client.addOrUpdateChannelAttributes("room", { silent: "1" });
    await ann.client.addOrUpdateChannelAttributes("room", { loud: "1" }, told);
    await ann.client.deleteChannelAttributesByKeys("room", ["before"], told);
    await ann.client.setChannelAttributes("room", { only: "1" }, told);
    await ann.client.clearChannelAttributes("room", told);
    await bobs.recorder.until("AttributesUpdated", 4);

    const one = by("ann", "1");
    const expected = [[{ before: one, silent: one, loud: one }], [{ silent: one, loud: one }], [{ only: one }], [{}]];
    expect(bobs.recorder.of("AttributesUpdated")).toEqual(expected);
    expect(anns.recorder.of("AttributesUpdated")).toEqual(expected);
  });

  it("R-C10 are told whole also where the writer tells changes only, and where a change was not told", async () => {
    const server = await startDialectServer();
    const [ann, native] = [await loginUser(server, "ann"), await loginNative(server, "nat")];
    await native.channel("room").attributes.set({ before: "1" });
    const { recorder } = await joinChannel(ann, "room");
    const attributes = native.channel("room").attributes;
    const notice = AttributeNotice.CHANGE;

    await attributes.update({ next: "2" }, { notice });
    await attributes.delete(["before"], { notice });
    await recorder.until("AttributesUpdated", 2);
    await attributes.update({ silent: "3" });
    await attributes.update({ after: "4" }, { notice });
    await recorder.until("AttributesUpdated", 3);

    const [one, two, three, four] = ["1", "2", "3", "4"].map((value) => by("nat", value));
    expect(recorder.of("AttributesUpdated")).toEqual([
      [{ before: one, next: two }],
      [{ next: two }],
      [{ next: two, silent: three, after: four }],
    ]);
  });

  it("R-E10 R-L04 have the original codes for what is wrong or too large", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const { INVALID_ARGUMENT, SIZE_OVERFLOW, USER_NOT_LOGGED_IN } = AttributeOperationError;

    expect(await codeOf(client.setChannelAttributes("null", { a: "1" }))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(client.setChannelAttributes("room", { a: "" }))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(client.setChannelAttributes("room", { ["k".repeat(33)]: "1" }))).toBe(SIZE_OVERFLOW);
    expect(await codeOf(client.deleteChannelAttributesByKeys("room", []))).toBe(INVALID_ARGUMENT);
    const values = Object.fromEntries(["a", "b", "c", "d"].map((key) => [key, "v".repeat(8_190)]));
    expect(await codeOf(client.setChannelAttributes("room", values))).toBe(0);
    expect(await codeOf(client.addOrUpdateChannelAttributes("room", { e: "12345678" }))).toBe(SIZE_OVERFLOW);
    await client.logout();
    expect(await codeOf(client.getChannelAttributes("room"))).toBe(USER_NOT_LOGGED_IN);
  });

  it("R-E10 R-L07 can be written 10 times and read 40 times in 5 seconds, besides those of users", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const times = (count: number, call: () => Promise<unknown>) =>
      Promise.all(Array.from({ length: count }, () => codeOf(call())));
    await times(10, () => client.clearLocalUserAttributes());
    await times(40, () => client.getUserAttributes("ann"));

    const writes = await times(11, () => client.clearChannelAttributes("room"));
    const reads = await times(41, () => client.getChannelAttributes("room"));

    expect(writes).toEqual([...Array(10).fill(0), AttributeOperationError.TOO_OFTEN]);
    expect(reads).toEqual([...Array(40).fill(0), AttributeOperationError.TOO_OFTEN]);
  });
});
