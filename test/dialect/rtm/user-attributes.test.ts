import { AttributeOperationError, type AttributesMap } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import { codeOf, createUser, loginUser } from "./support.js";

describe("user attributes", () => {
  it("R-M12 R-M16 are replaced by setLocalUserAttributes, and read by everybody", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];

    await ann.client.setLocalUserAttributes({ mood: "calm", name: "Ann" });
    await ann.client.setLocalUserAttributes({ mood: "gay" });

    expect(await ann.client.getUserAttributes("ann")).toEqual({ mood: "gay" });
    expect(await bob.client.getUserAttributes("ann")).toEqual({ mood: "gay" });
    await ann.client.setLocalUserAttributes({});
    expect(await bob.client.getUserAttributes("ann")).toEqual({});
  });

  it("R-M13 R-M14 R-M15 R-M17 are added, overwritten, deleted and read by key", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    await ann.client.setLocalUserAttributes({ mood: "calm", name: "Ann" });

    await ann.client.addOrUpdateLocalUserAttributes({ mood: "gay", ["__proto__"]: "x", town: "Aldis" });
    expect(Object.entries(await bob.client.getUserAttributes("ann")).sort()).toEqual([
      ["__proto__", "x"],
      ["mood", "gay"],
      ["name", "Ann"],
      ["town", "Aldis"],
    ]);
    await ann.client.deleteLocalUserAttributesByKeys(["mood", "nothing"]);
    expect(await bob.client.getUserAttributesByKeys("ann", ["mood", "town"])).toEqual({ town: "Aldis" });
    await ann.client.clearLocalUserAttributes();
    expect(await bob.client.getUserAttributes("ann")).toEqual({});
  });

  it("R-M16 R-E10 of a user who is offline or unknown are USER_NOT_FOUND", async () => {
    const server = await startDialectServer();
    const [ann, bob] = [await loginUser(server, "ann"), await loginUser(server, "bob")];
    await ann.client.setLocalUserAttributes({ mood: "calm" });

    await ann.client.logout();

    expect(await codeOf(bob.client.getUserAttributes("ann"))).toBe(AttributeOperationError.USER_NOT_FOUND);
    expect(await codeOf(bob.client.getUserAttributesByKeys("nobody", ["mood"]))).toBe(AttributeOperationError.USER_NOT_FOUND);
  });

  it("R-M12 R-M13 R-E10 R-L04 have the original codes for what is wrong or too large", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const set = (attributes: unknown) => codeOf(client.setLocalUserAttributes(attributes as AttributesMap));
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, "x"]));
    const { INVALID_ARGUMENT, SIZE_OVERFLOW } = AttributeOperationError;

    expect(await set(null)).toBe(INVALID_ARGUMENT);
    expect(await set({ mood: 7 })).toBe(INVALID_ARGUMENT);
    expect(await set({ mood: "" })).toBe(INVALID_ARGUMENT);
    expect(await set({ "": "x" })).toBe(INVALID_ARGUMENT);
    expect(await set({ ["k".repeat(33)]: "x" })).toBe(SIZE_OVERFLOW);
    expect(await set({ ["k".repeat(32)]: "v".repeat(8 * 1024) })).toBe(0);
    expect(await set({ mood: "v".repeat(8 * 1024 + 1) })).toBe(SIZE_OVERFLOW);
    expect(await set(many(33))).toBe(SIZE_OVERFLOW);
    expect(await set(many(32))).toBe(0);
    expect(await codeOf(client.addOrUpdateLocalUserAttributes({ more: "x" }))).toBe(SIZE_OVERFLOW);
    expect(await codeOf(client.deleteLocalUserAttributesByKeys([]))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(client.getUserAttributesByKeys("ann", []))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(client.getUserAttributes("null"))).toBe(INVALID_ARGUMENT);
  });

  it("R-E10 R-L04 have 16 KiB together", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    await client.setLocalUserAttributes({ a: "v".repeat(8_000), b: "v".repeat(8_000) });

    const code = await codeOf(client.addOrUpdateLocalUserAttributes({ c: "v".repeat(400) }));

    expect(code).toBe(AttributeOperationError.SIZE_OVERFLOW);
    expect(Object.keys(await client.getUserAttributes("ann"))).toEqual(["a", "b"]);
  });

  it("R-L07 R-E10 can be written 10 times and read 40 times in 5 seconds", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const times = (count: number, call: () => Promise<unknown>) =>
      Promise.all(Array.from({ length: count }, () => codeOf(call())));

    const writes = await times(11, () => client.setLocalUserAttributes({ mood: "calm" }));
    const reads = await times(41, () => client.getUserAttributes("ann"));

    expect(writes).toEqual([...Array(10).fill(0), AttributeOperationError.TOO_OFTEN]);
    expect(reads).toEqual([...Array(40).fill(0), AttributeOperationError.TOO_OFTEN]);
  });

  it("R-E10 need a login", async () => {
    const { client } = createUser(await startDialectServer());

    expect(await codeOf(client.setLocalUserAttributes({ mood: "calm" }))).toBe(AttributeOperationError.USER_NOT_LOGGED_IN);
    expect(await codeOf(client.getUserAttributes("ann"))).toBe(AttributeOperationError.USER_NOT_LOGGED_IN);
  });
});
