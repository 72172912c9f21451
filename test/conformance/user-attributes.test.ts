import { describe, expect, it } from "vitest";
import { AttributeChangeKind } from "../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { AttributeLifetime } from "../../gen/aldis/v1/session.js";
import { clearOwn, deleteOwn, getOf, setOwn, updateOwn, valuesOf } from "../support/attribute-requests.js";
import { answer, logout, only } from "../support/requests.js";
import { startTestNode, testToken } from "../support/test-node.js";

const session = { attributeLifetime: AttributeLifetime.SESSION };

async function twoUsers(hello = {}) {
  const test = await startTestNode({ attributeWrites: 1000, attributeReads: 1000 });
  const [alice, bob] = [await test.login("alice", hello), await test.login("bob")];
  const read = async (...keys: string[]) =>
    answer(await test.ask(bob, getOf("alice", { keys })), "getUserAttributes").attributes;
  return { ...test, alice, bob, read };
}

describe("the attributes of a user", () => {
  it("are set, updated, deleted and cleared by the user, and read by others, with their writer and revision", async () => {
    const { ask, alice, read, runtime } = await twoUsers();

    await ask(alice, setOwn({ mood: "calm", city: "Oslo" }));
    await ask(alice, updateOwn({ mood: "wild", age: "7" }));
    await ask(alice, deleteOwn("city", "unknown"));

    expect(valuesOf((await read())?.attributes)).toEqual({ mood: "wild", age: "7" });
    expect((await read("age", "city"))?.attributes.get("age")).toEqual({
      value: "7",
      lastUpdateUser: "alice",
      lastUpdateMs: runtime.clock.now(),
    });
    expect(valuesOf((await read("age", "city"))?.attributes)).toEqual({ age: "7" });
    expect(await ask(alice, clearOwn())).toMatchObject({ value: { revision: 4 } });
    expect(await read()).toMatchObject({ attributes: new Map(), revision: 4 });
  });

  it("are written only at the revision that is expected; a stale one is told the present one", async () => {
    const { ask, alice } = await twoUsers();
    await ask(alice, setOwn({ a: "1" }, { expectedRevision: 0 }));

    const stale = answer(await ask(alice, updateOwn({ a: "2" }, { expectedRevision: 0 })), "error");

    expect(stale).toMatchObject({ code: ErrorCode.REVISION_CONFLICT, currentRevision: 1 });
  });

  it.each([
    ["an empty value", { a: "" }, ErrorCode.INVALID_ARGUMENT, 'attributes["a"]', ""],
    ["an empty key", { "": "1" }, ErrorCode.INVALID_ARGUMENT, "attributes", ""],
    [
      "a key of 129 bytes",
      { [`${"é".repeat(64)}x`]: "1" },
      ErrorCode.INVALID_ARGUMENT,
      "attributes",
      "LIMIT_ATTRIBUTE_KEY_BYTES",
    ],
    [
      "a value of 8,193 bytes",
      { a: "x".repeat(8193) },
      ErrorCode.PAYLOAD_TOO_LARGE,
      'attributes["a"]',
      "LIMIT_ATTRIBUTE_VALUE_BYTES",
    ],
  ])("with %s are refused, and nothing is written", async (_, values, code, field, limit) => {
    const { ask, alice, read } = await twoUsers();

    const refused = answer(await ask(alice, updateOwn({ good: "1", ...values })), "error");

    expect(refused).toMatchObject({ code, field, limit });
    expect((await read())?.revision).toBe(0);
  });

  it("may fill their limits to the last byte, and not one more", async () => {
    const { ask, alice } = await twoUsers();
    const key = "k".repeat(128);
    await ask(alice, setOwn({ [key]: "é".repeat(4096) }));

    const most = await ask(alice, updateOwn({ b: "x".repeat(16_384 - 128 - 8192 - 1) }));
    const over = await ask(alice, updateOwn({ b: "x".repeat(16_384 - 128 - 8192) }));

    expect(most).toMatchObject({ value: { revision: 2 } });
    expect(answer(over, "error")).toMatchObject({
      code: ErrorCode.ATTRIBUTES_TOO_LARGE,
      limit: "LIMIT_USER_ATTRIBUTES_BYTES",
      limitValue: 16_384,
    });
  });

  it("are 32 at most", async () => {
    const { ask, alice } = await twoUsers();
    await ask(alice, setOwn(Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`key-${i}`, "1"]))));

    const over = answer(await ask(alice, updateOwn({ one: "more" })), "error");

    expect(over).toMatchObject({ code: ErrorCode.ATTRIBUTES_TOO_LARGE, limit: "LIMIT_ATTRIBUTES_PER_OWNER" });
  });

  it("take __proto__ for a key like any other", async () => {
    const { ask, alice, read } = await twoUsers();

    await ask(alice, setOwn(new Map([["__proto__", "1"]])));

    expect([...((await read())?.attributes.keys() ?? [])]).toEqual(["__proto__"]);
  });

  it("are not written with a token for reading only", async () => {
    const { ask, login } = await twoUsers();
    const reader = await login("carol", { token: testToken("carol", 0, { readOnly: true }) });

    expect(answer(await ask(reader, setOwn({ a: "1" })), "error").code).toBe(ErrorCode.NOT_AUTHORIZED);
  });

  it("of somebody who is away and has none are not found, and can be watched", async () => {
    const { ask, bob, login } = await twoUsers();

    expect(answer(await ask(bob, getOf("carol")), "error").code).toBe(ErrorCode.USER_NOT_FOUND);
    await ask(bob, getOf("carol", { watch: true }));
    await ask(await login("carol"), setOwn({ a: "1" }));

    expect(only(bob.events, "userAttributes")).toMatchObject([{ userId: "carol", change: { revision: 1 } }]);
  });
});

describe("the lifetime of a user's attributes", () => {
  it("ends with a logout where the hello says so, and those who watch hear of it", async () => {
    const { ask, alice, bob } = await twoUsers(session);
    await ask(alice, setOwn({ a: "1" }));
    await ask(bob, getOf("alice", { watch: true }));

    await ask(alice, logout());

    expect(answer(await ask(bob, getOf("alice")), "error").code).toBe(ErrorCode.USER_NOT_FOUND);
    expect(only(bob.events, "userAttributes")).toMatchObject([
      { userId: "alice", change: { kind: AttributeChangeKind.CLEAR } },
    ]);
  });

  it("ends with 30 s of silence where the hello says so, and not before", async () => {
    const { ask, alice, bob, pass, read } = await twoUsers(session);
    await ask(alice, setOwn({ a: "1" }));
    alice.cut();

    await pass(29_000, bob);
    expect((await read())?.attributes.size).toBe(1);
    await pass(3_000, bob);

    expect(answer(await ask(bob, getOf("alice")), "error").code).toBe(ErrorCode.USER_NOT_FOUND);
  });

  it("does not end otherwise", async () => {
    const { ask, alice, read } = await twoUsers();
    await ask(alice, setOwn({ a: "1" }));

    await ask(alice, logout());

    expect((await read())?.attributes.size).toBe(1);
  });
});

describe("watching the attributes of a user", () => {
  it("tells every later change, and nothing that changes nothing", async () => {
    const { ask, alice, bob } = await twoUsers();
    await ask(alice, setOwn({ a: "1", b: "2" }));
    await ask(bob, getOf("alice", { watch: true }));

    await ask(alice, updateOwn({ a: "1", c: "3" }));
    await ask(alice, updateOwn({ c: "3" }));
    await ask(alice, deleteOwn("b"));

    const changes = only(bob.events, "userAttributes").map(({ change }) => change);
    expect(changes).toMatchObject([
      { kind: AttributeChangeKind.UPDATE, revision: 2, userId: "alice", wholeSet: false },
      { kind: AttributeChangeKind.DELETE, revision: 3, deletedKeys: ["b"] },
    ]);
    expect(valuesOf(changes[0]?.attributes)).toEqual({ c: "3" });
  });

  it("is bounded, and refused without a session", async () => {
    const { login, ask } = await startTestNode({ presenceSubscriptions: 1 });
    const [alice] = [await login("alice"), await login("bob")];

    const own = await ask(alice, getOf("", { watch: true }));
    const over = await ask(alice, getOf("bob", { watch: true }));

    expect(own).toMatchObject({ $case: "getUserAttributes" });
    expect(answer(over, "error")).toMatchObject({ code: ErrorCode.TOO_MANY_ITEMS, limit: "LIMIT_PRESENCE_SUBSCRIPTIONS" });
  });
});
