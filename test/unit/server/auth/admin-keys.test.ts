import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { AdminKeys, developmentAdminKey } from "../../../../src/server/auth/admin-keys.js";
import { openAdminKeys } from "../../../../src/server/auth/open-admin-keys.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

const key = "0123456789012345678901234567890123456789";
const other = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn";

/** A file of keys, which the test may change. */
async function keysFile(content: unknown) {
  const directory = await mkdtemp(join(tmpdir(), "aldis-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "keys.json");
  const write = (text: unknown) => writeFile(path, typeof text === "string" ? text : JSON.stringify(text));
  await write(content);
  return { path, write };
}

describe("admin keys", () => {
  it("are found by the whole key only", () => {
    const keys = new AdminKeys([{ name: "ops", key, app: "shop" }]);

    expect(keys.find(key)).toMatchObject({ name: "ops", app: "shop" });
    for (const wrong of ["", key.slice(1), `${key}0`, other, "\u0000"]) expect(keys.find(wrong)).toBeUndefined();
  });

  it("of a development server follow from its secret", () => {
    expect(developmentAdminKey("a")).toEqual(developmentAdminKey("a"));
    expect(developmentAdminKey("a").key).not.toBe(developmentAdminKey("b").key);
  });

  it("come from the configuration, the development server and a file, which is read again on demand and by itself", async () => {
    const { path, write } = await keysFile({ keys: [{ name: "shop", key, app: "shop" }] });
    const told: string[] = [];
    const tell = (sentence: string) => void told.push(sentence);
    const opened = openAdminKeys({ adminKey: other, adminKeysFile: path }, "secret", { report: tell, announce: tell });
    const found = (shown: string) => opened.keys.find(shown)?.name;

    expect([found(key), found(other), found(developmentAdminKey("secret").key)]).toEqual(["shop", "admin", "development"]);
    const runtime = createManualRuntime();
    const watch = opened.watch(runtime.clock);
    await write("{");
    opened.reload();
    runtime.advance(30_000);
    expect(found(key)).toBe("shop");
    await write({ keys: [] });
    runtime.advance(10_000);
    watch.cancel();
    expect([found(key), found(other)]).toEqual([undefined, "admin"]);
    expect(told).toEqual([
      `The admin keys file "${path}" cannot be read: it is not JSON.`,
      "the admin keys have been read again: admin, development",
    ]);
  });

  it.each([
    ["is too short", { keys: [{ name: "a", key: "short" }] }],
    ["has a space", { keys: [{ name: "a", key: `${key} ${key}` }] }],
    ["has no name", { keys: [{ key }] }],
    ["has a field that nobody knows", { keys: [{ name: "a", key, apps: ["shop"] }] }],
  ])("are refused if one %s, without showing it", async (_, content) => {
    const { path } = await keysFile(content);

    let message = "";
    try {
      openAdminKeys({ adminKeysFile: path }, undefined, { report() {}, announce() {} });
    } catch (thrown) {
      message = String(thrown);
    }

    expect(message).toContain(`The admin keys file "${path}": keys.0`);
    expect(message).not.toContain(key);
    expect(message).not.toContain("short");
  });
});
