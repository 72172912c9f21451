// Several apps on one real server: what one has, no other sees.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createClient, ErrorCode } from "../../src/client/index.js";
import type { AldisServer } from "../../src/server/index.js";
import { startTestServer } from "../support/test-server.js";

describe("a server with an apps file", () => {
  let dir: string;
  let server: AldisServer;
  let address: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "aldis-apps-"));
    onTestFinished(() => rm(dir, { recursive: true }));
    for (const name of ["shop", "news", "next"]) await writeFile(join(dir, name), `the secret of ${name}, 32 bytes and more`);
    await writeApps({ shop: ["shop"], news: ["news"] });
    const started = await startTestServer({ appsFile: join(dir, "apps.json"), tokenSecret: undefined });
    [server, address] = [started.server, started.address];
  });

  async function writeApps(apps: Readonly<Record<string, readonly string[]>>, limits?: object): Promise<void> {
    const keysOf = (names: readonly string[]) => names.map((key) => ({ id: key, secretFile: key }));
    const entries = Object.entries(apps).map(([id, names]) => [id, { keys: keysOf(names), limits }]);
    await writeFile(join(dir, "apps.json"), JSON.stringify({ apps: Object.fromEntries(entries) }));
  }

  /** A client that is logged in to an app, with a token of the app or of another one. */
  async function login(appId: string, userId: string, token = server.issueToken({ appId, userId })) {
    const client = createClient({ address, appId, userId, token: await token });
    onTestFinished(() => client.close());
    await client.login();
    return client;
  }

  it("keeps users, channels and messages of apps apart, though their ids are the same", async () => {
    const [shopAlice, newsAlice] = [await login("shop", "alice"), await login("news", "alice")];
    const newsBob = await login("news", "bob");
    const heard: string[] = [];
    shopAlice.on("peerMessage", () => heard.push("peer"));
    shopAlice.channel("lobby").on("message", () => heard.push("channel"));
    await Promise.all([shopAlice, newsAlice, newsBob].map((client) => client.channel("lobby").join()));

    await newsBob.sendToPeer("alice", "hi");
    await newsBob.channel("lobby").send("hi all");
    await newsBob.channel("lobby").attributes.set({ topic: "news" });

    expect((await shopAlice.channel("lobby").members()).members).toEqual(["alice"]);
    expect((await newsAlice.channel("lobby").members()).members.toSorted()).toEqual(["alice", "bob"]);
    expect((await shopAlice.channel("lobby").attributes.get()).attributes.size).toBe(0);
    await expect(shopAlice.sendToPeer("bob", "hi")).rejects.toMatchObject({ code: ErrorCode.PEER_UNREACHABLE });
    expect(heard).toEqual([]);
  });

  it("lets nobody in with a token of another app", async () => {
    const token = server.issueToken({ appId: "news", userId: "alice" });

    await expect(login("shop", "alice", token)).rejects.toMatchObject({ code: ErrorCode.INVALID_TOKEN });
  });

  it("refuses an app that it does not serve", async () => {
    const token = server.issueToken({ appId: "news", userId: "alice" });

    await expect(login("other", "alice", token)).rejects.toMatchObject({ code: ErrorCode.INVALID_APP_ID });
  });

  it("takes new keys and apps, and leaves old ones, without a restart", async () => {
    const oldToken = await server.issueToken({ appId: "shop", userId: "alice" });
    const staying = await login("news", "carol");

    await writeApps({ shop: ["next"], news: ["news"], more: ["shop"] });
    server.reload();

    await expect(login("shop", "alice", Promise.resolve(oldToken))).rejects.toMatchObject({ code: ErrorCode.INVALID_TOKEN });
    await expect(login("shop", "alice")).resolves.toBeDefined();
    await expect(login("more", "alice")).resolves.toBeDefined();
    await expect(staying.queryPresence(["carol"])).resolves.toHaveLength(1);
  });

  it("counts each app by itself, and holds it to its own limits", async () => {
    await writeApps({ shop: ["shop"] }, { appSessions: 2, appMessages: 1 });
    server.reload();
    const alice = await login("shop", "alice");
    await login("shop", "bob");

    await alice.sendToPeer("bob", "hi");
    const tooMuch = alice.sendToPeer("bob", "hi again", { timeoutMs: 500 });
    await expect(tooMuch).rejects.toMatchObject({ code: ErrorCode.RATE_LIMITED, limit: "LIMIT_APP_MESSAGES", limitValue: 1 });
    const full = { code: ErrorCode.RESOURCE_EXHAUSTED, limit: "LIMIT_APP_SESSIONS", limitValue: 2, retryAfterMs: 5000 };
    const token = server.issueToken({ appId: "shop", userId: "carol" });
    const carol = createClient({ address, appId: "shop", userId: "carol", token: await token });
    onTestFinished(() => carol.close());
    await expect(carol.login({ maxTries: 1 })).rejects.toMatchObject(full);

    const metrics = await (await fetch(`http://${server.addresses.http}/metrics`)).text();
    for (const line of [
      'aldis_app_sessions{app="shop"} 2',
      'aldis_app_logins_total{app="shop",outcome="NEW"} 2',
      'aldis_app_logins_total{app="shop",outcome="RESOURCE_EXHAUSTED"} 1',
      'aldis_app_messages_total{app="shop",operation="SendPeerMessage"} 1',
      'aldis_app_refusals_total{app="shop",code="RATE_LIMITED"} 1',
      'aldis_limit_refusals_total{limit="LIMIT_APP_SESSIONS"} 1',
    ]) {
      expect(metrics).toContain(`${line}\n`);
    }
  });
});
