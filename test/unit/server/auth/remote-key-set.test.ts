import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { KeysUnavailable } from "../../../../src/server/auth/app.js";
import { cooldownMs, RemoteKeySet, refreshAfterMs, staleAfterMs } from "../../../../src/server/auth/remote-key-set.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";

const jwk = (kid: string, more: object = {}) => ({
  ...generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" }),
  kid,
  ...more,
});

describe("a remote key set", () => {
  let runtime: ManualRuntime;
  let published: object[];
  let isDown: boolean;
  let requests: number;
  let reports: string[];
  let keys: RemoteKeySet;
  beforeEach(() => {
    runtime = createManualRuntime();
    [published, isDown, requests, reports] = [[jwk("a")], false, 0, []];
    keys = new RemoteKeySet({
      url: "https://keys.example",
      runtime,
      report: (sentence) => reports.push(sentence),
      async fetchText() {
        requests += 1;
        if (isDown) throw new Error("no answer");
        return JSON.stringify({ keys: published });
      },
    });
  });
  const find = async (id: string) => (await keys.find({ algorithm: "ES256", id })).map((key) => key.id);

  it("is asked once, also by many at a time, and then remembered", async () => {
    const found = await Promise.all([find("a"), find("a"), find("a")]);

    expect(found).toEqual([["a"], ["a"], ["a"]]);
    expect(await find("a")).toEqual(["a"]);
    expect(requests).toBe(1);
  });

  it("is asked again for a key that is unknown, but not more often than the cool-down allows", async () => {
    await find("a");
    published = [jwk("a"), jwk("b")];

    const early = [await find("b"), await find("c")];
    runtime.advance(cooldownMs);
    const late = [await find("b"), await find("c")];

    expect(early).toEqual([[], []]);
    expect(late).toEqual([["b"], []]);
    expect(requests).toBe(2);
  });

  it("drops a key that is no longer published, in the background of the first use after the time", async () => {
    await find("a");
    published = [jwk("b")];
    runtime.advance(refreshAfterMs + 1);

    await find("a");
    await Promise.resolve();

    expect(await find("b")).toEqual(["b"]);
    expect(await find("a")).toEqual([]);
  });

  it("goes on with the keys it has while nobody answers, for a day, and then lets nobody in", async () => {
    await find("a");
    isDown = true;

    runtime.advance(staleAfterMs);
    expect(await find("a")).toEqual(["a"]);
    runtime.advance(cooldownMs);
    await expect(find("a")).rejects.toBeInstanceOf(KeysUnavailable);
    expect(reports.at(-1)).toBe("The keys at https://keys.example cannot be had: no answer");
  });

  it("lets nobody in before the first answer, and heals by itself", async () => {
    isDown = true;
    await expect(find("a")).rejects.toBeInstanceOf(KeysUnavailable);

    isDown = false;
    runtime.advance(cooldownMs);

    expect(await find("a")).toEqual(["a"]);
  });

  it("leaves out keys for encryption, secrets, private and unknown ones", async () => {
    const secret = { kty: "oct", k: "c2VjcmV0", kid: "secret" };
    const privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
    published = [jwk("a"), jwk("enc", { use: "enc" }), secret, { ...privateKey, kid: "private" }, { kty: "new", kid: "new" }];

    const found = await keys.find({ algorithm: "ES256" });

    expect(found.map(({ id }) => id)).toEqual(["a"]);
    expect(await keys.find({ algorithm: "HS256" })).toEqual([]);
  });

  it.each(["<html>", "{}", '{"keys":[]}', "null"])("takes no keys from %s", async (text) => {
    await find("a");
    const other = new RemoteKeySet({
      url: "u",
      runtime,
      report: (sentence) => reports.push(sentence),
      fetchText: async () => text,
    });

    await expect(other.find({ algorithm: "ES256" })).rejects.toBeInstanceOf(KeysUnavailable);

    expect(reports).toHaveLength(1);
  });
});
