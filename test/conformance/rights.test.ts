import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { answer, join, saidIn, toChannel } from "../support/requests.js";
import { startTestNode, testToken } from "../support/test-node.js";

describe("rights in the token", () => {
  const rights = { join: ["red-*", "blue"], send: ["red-*"], sendFromOutside: ["*-out"], readOnly: false };

  it("allow joins, sends and sends from outside by the pattern of the channel", async () => {
    const { login, ask } = await startTestNode();
    const alice = await login("alice", { token: testToken("alice", 0, rights) });
    const refused = { $case: "error", value: { code: ErrorCode.NOT_AUTHORIZED } };

    expect(await ask(alice, join("red-1"))).toMatchObject({ $case: "joinChannel" });
    expect(await ask(alice, join("blue"))).toMatchObject({ $case: "joinChannel" });
    expect(await ask(alice, join("blue-1"))).toMatchObject(refused);
    expect(await ask(alice, toChannel("red-1", "hi"))).toMatchObject({ $case: "sendChannelMessage" });
    expect(await ask(alice, toChannel("blue", "hi"))).toMatchObject(refused);
    expect(await ask(alice, toChannel("any-out", "hi", { fromOutside: true }))).toMatchObject({ $case: "sendChannelMessage" });
    expect(await ask(alice, toChannel("red-1", "hi", { fromOutside: true }))).toMatchObject(refused);
  });

  it("without patterns allow joins and sends, and no send from outside", async () => {
    const { ask, login } = await startTestNode();
    const [alice, stranger] = [await login("alice"), await login("carol")];
    await ask(alice, join("room"));

    expect(answer(await ask(stranger, toChannel("room", "hi", { fromOutside: true })), "error").code).toBe(
      ErrorCode.NOT_AUTHORIZED,
    );
    expect(answer(await ask(stranger, toChannel("room", "hi")), "error").code).toBe(ErrorCode.NOT_IN_CHANNEL);
    expect(await ask(alice, toChannel("room", "hi"))).toMatchObject({ $case: "sendChannelMessage" });
  });

  it("for reading only allow to join and hear, and to send nothing", async () => {
    const { login, ask } = await startTestNode();
    const alice = await login("alice");
    await ask(alice, join("room"));
    const reader = await login("reader", { token: testToken("reader", 0, { readOnly: true, sendFromOutside: ["*"] }) });

    await ask(reader, join("room"));
    await ask(alice, toChannel("room", "hi"));

    expect(saidIn(reader.events)).toEqual(["hi"]);
    for (const fromOutside of [true, false]) {
      expect(answer(await ask(reader, toChannel("room", "hi", { fromOutside })), "error").code).toBe(ErrorCode.NOT_AUTHORIZED);
    }
  });
});
