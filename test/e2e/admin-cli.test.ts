import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AdminOptions, GrpcAdminTransport } from "../../src/client/transport/grpc-admin.js";
import { createServer } from "../../src/server/index.js";
import { type AdminTest, adminKey, eventually, startAdminTest } from "../support/admin.js";
import { tlsFile } from "../support/tls-files.js";
import { TestWorld } from "../unit/cli/test-world.js";

async function dataDirectory(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  return dataDir;
}

/** The command line of an operator of a server. */
async function startOperator(): Promise<
  AdminTest & { aldis(...args: string[]): Promise<{ code: number; out: string; err: string }> }
> {
  const test = await startAdminTest();
  const dataDir = await dataDirectory();
  return {
    ...test,
    async aldis(...args) {
      const world = new TestWorld(dataDir, {
        env: { ALDIS_DATA_DIR: dataDir, ALDIS_ADMIN_KEY: adminKey },
        openAdminTransport: (options) => new GrpcAdminTransport(options),
      });
      const command = args[0] === "cluster" ? args : ["admin", ...args];
      const code = await world.run(...command, "--address", test.address, "--app", test.server.appId);
      return { code, out: world.output.text, err: world.errors.text };
    },
  };
}

describe("aldis admin", () => {
  it("finds for whoever holds its key under which digest the audit log speaks of somebody", async () => {
    const dataDir = await dataDirectory();
    const lines: string[] = [];
    const logger = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
    const server = await createServer({
      config: { grpcPort: 0, store: "disk", dataDir, adminKey, development: false },
      logger,
    });
    onTestFinished(() => server.close());
    const options = { openAdminTransport: (given: AdminOptions) => new GrpcAdminTransport(given) };
    const env = { ALDIS_DATA_DIR: dataDir, ALDIS_ADMIN_KEY: adminKey };
    const readFile = (path: string) => readFileSync(path, "utf8");
    const kick = new TestWorld(dataDir, { ...options, env });
    const digest = new TestWorld(dataDir, { env, readFile });
    const stranger = new TestWorld(dataDir, { env: {}, readFile });

    await kick.run("admin", "kick", "ann", "--address", server.addresses.grpc ?? "");
    const code = await digest.run("admin", "digest", "ann");
    const refused = await stranger.run("admin", "digest", "ann", "--data-dir", join(dataDir, "other"));

    expect([code, refused]).toEqual([0, 2]);
    expect(digest.output.text).toMatch(/^hmac:[0-9a-f]{16}\n$/);
    expect(JSON.parse(lines.at(-1) ?? "").audit).toMatchObject({ target: { user_id: digest.output.text.trim() } });
    expect(lines.join("")).not.toContain("ann");
  });

  it("acts on users from sending to banning, in tables and in JSON", async () => {
    const { aldis, user } = await startOperator();
    const ann = await user("ann");
    const heard: string[] = [];
    ann.on("peerMessage", ({ sender, payload }) => heard.push(`${sender}: ${payload.text}`));
    await ann.channel("room").join();

    const sent = await aldis("send", "--to", "ann", "hello", "--json");
    const toRoom = await aldis("send", "--channel", "room", "--from", "bob", "hello");
    const sessions = await aldis("sessions");
    const session = await aldis("session", "ann", "--json");
    const channels = await aldis("channels");
    const channel = await aldis("channel", "room");
    const trace = await aldis("trace", "--message", JSON.parse(sent.out).messageId);
    const userTrace = await aldis("trace", "--user", "ann", "--json");
    const stats = await aldis("stats");
    const status = await aldis("cluster", "status");
    const kicked = await aldis("kick", "ann", "--channel", "room");
    const banned = await aldis("ban", "ann", "--for", "1h", "--note", "spam");
    const bans = await aldis("bans");
    const unbanned = await aldis("unban", "ann");
    const dismissed = await aldis("dismiss", "room");

    expect(heard).toEqual(["server: hello"]);
    expect(JSON.parse(sent.out)).toMatchObject({ outcome: "DELIVERED" });
    expect(toRoom.out).toMatch(/^Sent, with the offset 1\./);
    expect(sessions.out).toMatch(/^USER +PRESENCE .*\nann +ONLINE .*\n1 of 1 sessions\n$/);
    expect(JSON.parse(session.out)).toMatchObject({ userId: "ann", presence: "ONLINE", channels: ["room"] });
    expect(channels.out).toMatch(/^CHANNEL +MEMBERS .*\nroom +1 .*\n1 of 1 channels\n$/);
    expect(channel.out).toContain("MEMBER\nann\n");
    expect(trace.out).toContain('user "server" sends it to user "ann"');
    expect(trace.out).toContain("the client has acknowledged it");
    expect(JSON.parse(userTrace.out).steps[0].text).toBe("a new session begins");
    expect(stats.out).toContain("1 channels have members");
    expect(status.out).toMatch(
      /^NODE +VERSION .* LAG \(MS\)\n\S+ +\S+ +\d+ +1 +1 +\d+ +\d+ +0 +\d+\.\d\n1 channels have members\n$/,
    );
    expect(status.code).toBe(0);
    expect(kicked.out).toBe("The user is out.\n");
    expect(banned.out).toMatch(/^The user is banned until 20\d\d-.*Z\.\n$/);
    expect(bans.out).toMatch(/ann +\(everywhere\) .* spam\n$/);
    expect(unbanned.out).toBe("The ban has ended.\n");
    expect(dismissed.out).toBe("The channel is gone; it had 0 members.\n");
  });

  it("issues and revokes tokens", async () => {
    const { aldis, server, user } = await startOperator();
    await user("ann");

    const token = await aldis("token", "ann", "--valid", "1h", "--join", "red-*", "blue");
    const revoked = await aldis("revoke", "ann");
    const session = await aldis("session", "ann");

    expect(token.out.split(".")).toHaveLength(3);
    expect(revoked.code).toBe(0);
    expect(session).toEqual({ code: 1, out: "", err: 'NOT_FOUND: user "ann" has no session\n' });
    expect(server.appId).toBe("dev");
  });

  it.each([
    ["neither a user nor a channel", ["send", "hello"], 2, "Give either --to or --channel."],
    ["two subjects", ["trace", "--user", "ann", "--message", "m"], 2, "Give one of --message, --invitation and --user."],
    ["an unknown channel", ["channel", "nowhere"], 1, 'NOT_FOUND: nobody is in channel "nowhere", and nothing of it is kept'],
    ["a limit of nothing", ["bans", "--limit", "0"], 2, "It must be a whole number above 0."],
  ])("says what is wrong with %s", async (_, args, code, message) => {
    const { aldis } = await startOperator();

    const answer = await aldis(...args);

    expect(answer.code).toBe(code);
    expect(answer.err).toContain(message);
  });

  it("watches until it is stopped", async () => {
    const { address, server, user, call } = await startOperator();
    const dataDir = await dataDirectory();
    const world = new TestWorld(dataDir, {
      env: { ALDIS_DATA_DIR: dataDir, ALDIS_ADMIN_KEY: adminKey },
      openAdminTransport: (options) => new GrpcAdminTransport(options),
    });
    const watching = world.run("admin", "watch", "--kind", "login", "--json", "--address", address, "--app", server.appId);
    await eventually(() => expect(call("getStatistics")).resolves.toBeDefined());

    await eventuallyTold(world, user);
    world.stop();

    expect(await watching).toBe(0);
    expect(JSON.parse(world.output.lines[0] ?? "")).toMatchObject({ kind: "LOGIN" });
  });

  it("says why a watch cannot begin, and goes on trying", async () => {
    const dataDir = await dataDirectory();
    const world = new TestWorld(dataDir, {
      env: { ALDIS_DATA_DIR: dataDir, ALDIS_ADMIN_KEY: adminKey },
      openAdminTransport: (options) => new GrpcAdminTransport(options),
    });

    const watching = world.run("admin", "watch", "--address", "127.0.0.1:1");
    await world.errors.until(/^UNAVAILABLE: .*; trying again$/);
    world.stop();

    expect(await watching).toBe(0);
  });

  it("says what to do where a server has TLS and is spoken to in the clear", async () => {
    const dataDir = await dataDirectory();
    const server = await createServer({
      config: {
        grpcPort: 0,
        adminKey,
        development: false,
        tlsCertFile: tlsFile("server.pem"),
        tlsKeyFile: tlsFile("server.key"),
      },
      logger: pino({ level: "silent" }),
    });
    onTestFinished(() => server.close());
    const world = new TestWorld(dataDir, {
      env: { ALDIS_DATA_DIR: dataDir, ALDIS_ADMIN_KEY: adminKey },
      openAdminTransport: (options) => new GrpcAdminTransport(options),
    });

    const code = await world.run("admin", "stats", "--address", server.addresses.grpc ?? "");

    expect(code).toBe(1);
    expect(world.errors.text).toMatch(/^UNAVAILABLE: .*\nIf the server speaks TLS, give --tls or --tls-ca\.\n$/s);
  });

  it("finds the development server of this machine and its key by itself", async () => {
    const dataDir = await dataDirectory();
    const server = await createServer({ config: { dataDir, grpcPort: 0, store: "memory", logLevel: "silent" } });
    onTestFinished(() => server.close());
    const world = new TestWorld(dataDir, { openAdminTransport: (options) => new GrpcAdminTransport(options) });

    const code = await world.run("admin", "stats");

    expect([code, world.errors.text]).toEqual([0, ""]);
    expect(world.output.text).toContain("0 channels have members");
  });

  it("says what to do where there is no server and no key", async () => {
    const dataDir = await dataDirectory();
    const world = new TestWorld(dataDir);

    const code = await world.run("admin", "stats");
    await world.run("admin", "stats", "--address", "127.0.0.1:1");

    expect(code).toBe(1);
    expect(world.errors.text).toContain("give --address");
    expect(world.errors.text).toContain("Set ALDIS_ADMIN_KEY");
  });
});

/** Logs users in until the watch, which begins at a moment of its own, tells of one. */
async function eventuallyTold(world: TestWorld, user: AdminTest["user"]): Promise<void> {
  for (let tries = 0; world.output.text === "" && tries < 100; tries += 1) await user(`user-${tries}`);
}
