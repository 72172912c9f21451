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

  async function writeApps(apps: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const entries = Object.entries(apps).map(([id, keys]) => [id, { keys: keys.map((key) => ({ id: key, secretFile: key })) }]);
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
});
