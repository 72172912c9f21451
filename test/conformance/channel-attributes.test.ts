import { describe, expect, it } from "vitest";
import { AttributeChangeKind, AttributeNotice } from "../../gen/aldis/v1/attribute.js";
import { JoinInclude } from "../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { clearRoom, deleteRoom, getRoom, setRoom, updateRoom, valuesOf } from "../support/attribute-requests.js";
import { answer, join, leave, only, toChannel } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

const { UPDATE, DELETE, CLEAR, SET } = AttributeChangeKind;

/** Alice and bob are in the room; carol is not. */
async function room() {
  const test = await startTestNode({ channelAttributeWrites: 1000, channelAttributeReads: 1000 });
  const [alice, bob, carol] = [await test.login("alice"), await test.login("bob"), await test.login("carol")];
  for (const client of [alice, bob]) await test.ask(client, join("room"));
  const heard = (client: typeof alice) => only(client.events, "channelAttributes").map(({ change }) => change);
  const read = async () => valuesOf(answer(await test.ask(carol, getRoom()), "getChannelAttributes").attributes?.attributes);
  return { ...test, alice, bob, carol, heard, read };
}

describe("the attributes of a channel", () => {
  it("are written from outside too, and all members hear the change, the writer included", async () => {
    const { ask, alice, bob, carol, heard, read } = await room();

    await ask(carol, setRoom({ topic: "tea", host: "bob" }));
    await ask(alice, updateRoom({ topic: "cake" }));
    await ask(alice, deleteRoom("host", "unknown"));
    await ask(alice, clearRoom());

    expect(heard(alice).map((change) => [change?.kind, change?.revision, change?.userId])).toEqual([
      [SET, 1, "carol"],
      [UPDATE, 2, "alice"],
      [DELETE, 3, "alice"],
      [CLEAR, 4, "alice"],
    ]);
    expect(heard(alice).map((change) => valuesOf(change?.attributes))).toEqual([
      { topic: "tea", host: "bob" },
      { topic: "cake" },
      {},
      {},
    ]);
    expect(heard(bob)).toEqual(heard(alice));
    expect(await read()).toEqual({});
  });

  it("are told as a whole set, or not at all, as the writer asks", async () => {
    const { ask, alice, bob, heard } = await room();
    await ask(alice, setRoom({ topic: "tea", host: "bob" }, { notice: AttributeNotice.NONE }));

    await ask(alice, updateRoom({ topic: "cake" }, { notice: AttributeNotice.WHOLE_SET }));

    expect(heard(bob)).toMatchObject([{ kind: UPDATE, revision: 2, wholeSet: true }]);
    expect(valuesOf(heard(bob)[0]?.attributes)).toEqual({ topic: "cake", host: "bob" });
  });

  it("come with the answer to a join where it is asked for", async () => {
    const { ask, alice, carol } = await room();
    await ask(alice, setRoom({ topic: "tea" }));

    const joined = answer(await ask(carol, join("room", { include: [JoinInclude.ATTRIBUTES] })), "joinChannel");

    expect(valuesOf(joined.attributes?.attributes)).toEqual({ topic: "tea" });
    expect(joined.attributes?.revision).toBe(1);
  });

  it("are refused at a stale revision", async () => {
    const { ask, alice } = await room();
    await ask(alice, setRoom({ a: "1" }));

    const stale = answer(await ask(alice, setRoom({ a: "2" }, { expectedRevision: 0 })), "error");

    expect(stale).toMatchObject({ code: ErrorCode.REVISION_CONFLICT, currentRevision: 1 });
  });

  it("end when the channel has been empty for its time, and not while somebody is in it", async () => {
    const { ask, alice, bob, carol, pass, read } = await room();
    await ask(alice, setRoom({ topic: "tea", _channel_ttl: "60" }));
    for (const client of [alice, bob]) await ask(client, leave("room"));

    await pass(50_000, alice, bob, carol);
    await ask(bob, join("room"));
    await pass(70_000, alice, bob, carol);
    await ask(bob, leave("room"));
    await pass(59_000, alice, bob, carol);
    expect(await read()).toMatchObject({ topic: "tea" });
    await pass(3_000, alice, bob, carol);

    expect(await read()).toEqual({});
  });
});

describe("built-in attributes of a channel", () => {
  it.each([
    ["_sendmsg_limit", "many"],
    ["_sendmsg_limit", "0"],
    ["_channel_ttl", "-1"],
    ["_userNotification", "2"],
    ["_auto_update_num", "1.5"],
    ["_member_num", "3"],
  ])("%s cannot be %j", async (key, value) => {
    const { ask, alice, read } = await room();

    const refused = answer(await ask(alice, updateRoom({ other: "1", [key]: value })), "error");

    expect(refused).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT, field: `attributes["${key}"]` });
    expect(await read()).toEqual({});
  });

  it("_sendmsg_limit changes how often all senders together may send", async () => {
    const { ask, alice, bob } = await room();
    await ask(alice, updateRoom({ _sendmsg_limit: "2" }));

    const sent = [await ask(alice, toChannel("room", "1")), await ask(bob, toChannel("room", "2"))];
    const over = answer(await ask(bob, toChannel("room", "3")), "error");
    await ask(alice, clearRoom());

    expect(sent.map((outcome) => outcome?.$case)).toEqual(["sendChannelMessage", "sendChannelMessage"]);
    expect(over).toMatchObject({ code: ErrorCode.CHANNEL_RATE_LIMITED, limitValue: 2 });
    expect(await ask(bob, toChannel("room", "4"))).toMatchObject({ $case: "sendChannelMessage" });
  });

  it("_setattr_limit bounds the changes of one attribute a second, whoever makes them", async () => {
    const { ask, alice, bob } = await room();
    await ask(alice, updateRoom({ _setattr_limit: "1" }));
    await ask(alice, updateRoom({ topic: "tea" }));

    const over = answer(await ask(bob, updateRoom({ topic: "cake" })), "error");
    const other = await ask(bob, updateRoom({ host: "bob" }));

    expect(over).toMatchObject({ code: ErrorCode.CHANNEL_RATE_LIMITED, field: 'attributes["topic"]' });
    expect(other).toMatchObject({ $case: "updateChannelAttributes" });
  });

  it("_userNotification 0 keeps single joins and leaves from the members", async () => {
    const { ask, alice, bob, carol } = await room();
    await ask(alice, updateRoom({ _userNotification: "0" }));

    await ask(carol, join("room"));
    await ask(carol, leave("room"));

    expect([...only(bob.events, "memberJoined"), ...only(bob.events, "memberLeft")]).toEqual([]);
  });

  it("_member_num follows the members every _auto_update_num seconds, and counts all joins where asked", async () => {
    const { ask, alice, bob, carol, pass, heard, read } = await room();
    await ask(alice, updateRoom({ _auto_update_num: "5", _auto_update_total_num: "5" }));
    await ask(carol, join("room"));
    await ask(carol, leave("room"));
    await ask(carol, join("room"));

    await pass(4_000, alice, bob, carol);
    expect(await read()).not.toHaveProperty("_member_num");
    await pass(20_000, alice, bob, carol);

    expect(await read()).toMatchObject({ _member_num: "3", _total_member_num: "2" });
    expect(heard(bob).filter((change) => change?.attributes.has("_member_num"))).toMatchObject([{ userId: "", kind: UPDATE }]);
  });
});
