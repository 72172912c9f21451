import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { Apps } from "../../../../src/server/auth/apps.js";
import { createJwtVerifier, issueToken } from "../../../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../../../src/server/auth/token-key.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";

const secrets = { old: "the old secret of the shop, 32 bytes", new: "the new secret of the shop, 32 bytes" };

describe("apps of a file", () => {
  let runtime: ManualRuntime;
  let files: Record<string, string>;
  let reports: string[];
  let news: string[];
  beforeEach(() => {
    runtime = createManualRuntime();
    reports = [];
    news = [];
    files = {
      "/etc/aldis/apps.json": JSON.stringify({
        apps: { shop: { keys: [{ id: "old", secretFile: "old.secret" }] }, news: { keys: [{ secretFile: "/run/news" }] } },
      }),
      "/etc/aldis/old.secret": `${secrets.old}\n`,
      "/etc/aldis/new.secret": secrets.new,
      "/run/news": "the secret of the news, of 32 bytes",
    };
  });

  const open = () =>
    Apps.open({
      path: "/etc/aldis/apps.json",
      readFile: (path) => {
        const text = files[path];
        if (text === undefined) throw new Error(`no such file: ${path}`);
        return text;
      },
      fetchText: () => Promise.reject(new Error("This test has no network.")),
      runtime,
      report: (sentence) => reports.push(sentence),
      announce: (sentence) => news.push(sentence),
    });

  async function isGood(apps: Apps, appId: string, secret: string, id?: string): Promise<boolean> {
    const verifier = createJwtVerifier({ apps, limits: { tokenBytes: 4096 }, runtime });
    const token = await issueToken({ appId, userId: "alice", key: secretTokenKey(secret, id), runtime });
    return (await verifier.verify(token)).ok;
  }

  it("take each other's tokens for nothing", async () => {
    const apps = open();

    expect(await isGood(apps, "shop", secrets.old)).toBe(true);
    expect(await isGood(apps, "news", secrets.old)).toBe(false);
    expect(await isGood(apps, "other", secrets.old)).toBe(false);
    expect(apps.ids).toEqual(["shop", "news"]);
  });

  it("get new keys while the server runs, beside the old ones or in their place", async () => {
    const apps = open();
    const timer = apps.watch();
    const withKeys = (...keys: object[]) => JSON.stringify({ apps: { shop: { keys } } });

    files["/etc/aldis/apps.json"] = withKeys({ id: "old", secretFile: "old.secret" }, { id: "new", secretFile: "new.secret" });
    runtime.advance(10_000);
    const both = [await isGood(apps, "shop", secrets.old, "old"), await isGood(apps, "shop", secrets.new, "new")];
    files["/etc/aldis/apps.json"] = withKeys({ id: "new", secretFile: "new.secret" });
    runtime.advance(10_000);
    const after = [await isGood(apps, "shop", secrets.old, "old"), await isGood(apps, "shop", secrets.new, "new")];
    timer.cancel();

    expect(both).toEqual([true, true]);
    expect(after).toEqual([false, true]);
    expect(apps.revision).toBe(3);
    expect(news).toEqual([
      "the apps file has been read again: shop with the keys old, new",
      "the apps file has been read again: shop with the keys new",
    ]);
  });

  it("see that a key file changed, though the file that names it did not", async () => {
    const apps = open();
    files["/etc/aldis/old.secret"] = secrets.new;

    apps.reload();

    expect([await isGood(apps, "shop", secrets.old), await isGood(apps, "shop", secrets.new)]).toEqual([false, true]);
  });

  it("stay as they were when the file becomes wrong, and say so once", async () => {
    const apps = open();
    files["/etc/aldis/apps.json"] = "{";

    apps.reload();
    apps.reload();

    expect(reports).toEqual([expect.stringContaining('The apps file "/etc/aldis/apps.json" cannot be read')]);
    expect(await isGood(apps, "shop", secrets.old)).toBe(true);
    expect(apps.revision).toBe(1);
    expect(news).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ["a misspelt setting", { apps: { shop: { key: [] } } }, /apps\.shop: .*key/],
    ["a key of neither kind", { apps: { shop: { keys: [{ secret: "in the open" }] } } }, /apps\.shop\.keys\.0/],
    ["a short secret", { apps: { shop: { keys: [{ secretFile: "/run/short" }] } } }, /key 1 of app "shop".*too short/],
    ["a key file that is missing", { apps: { shop: { keys: [{ secretFile: "gone" }] } } }, /no such file: \/etc\/aldis\/gone/],
    ["a private key", { apps: { shop: { keys: [{ publicKeyFile: "/run/private" }] } } }, /private key/],
    ["an app without keys", { apps: { shop: {} } }, /"keys" or "jwks"/],
    ["no app", { apps: {} }, /names no app/],
    ["keys from an address without TLS", { apps: { shop: { jwks: { url: "http://login.example.com" } } } }, /https/],
  ])("refuse %s at the start, with the place", (_, content, message) => {
    files["/etc/aldis/apps.json"] = JSON.stringify(content);
    files["/run/short"] = "short";
    files["/run/private"] = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

    expect(open).toThrow(message);
  });

  it("have limits of their own, which may change while the server runs", () => {
    const write = (limits: unknown) => {
      files["/etc/aldis/apps.json"] = JSON.stringify({ apps: { shop: { keys: [{ secretFile: "old.secret" }], limits } } });
    };
    write({ appSessions: 5 });
    const apps = open();
    const before = apps.find("shop")?.limits;
    write({ appSessions: 7, appMessages: 100 });
    apps.reload();
    const after = apps.find("shop")?.limits;
    write({ appSessions: 0, peerSends: 5 });
    apps.reload();

    expect([before, after]).toEqual([{ appSessions: 5 }, { appSessions: 7, appMessages: 100 }]);
    expect(apps.find("shop")?.limits).toEqual(after);
    expect(reports.join("\n")).toMatch(/apps.shop.limits.appSessions.*\n.*peerSends/s);
  });

  it("offer their newest secret for issuing tokens", () => {
    files["/etc/aldis/apps.json"] = JSON.stringify({
      apps: {
        shop: {
          keys: [
            { id: "old", secretFile: "old.secret" },
            { id: "new", secretFile: "new.secret" },
          ],
        },
      },
    });

    expect(open().signingKey("shop")?.id).toBe("new");
    expect(open().signingKey("news")).toBeUndefined();
  });
});
