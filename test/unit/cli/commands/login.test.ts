import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../../../src/client/index.js";
import { type AldisServer, createServer } from "../../../../src/server/index.js";
import { TestWorld } from "../test-world.js";

const secret = "a secret that is at least 32 bytes long";

describe("aldis login", () => {
  let server: AldisServer;
  beforeEach(async () => {
    server = await createServer({ config: { tokenSecret: secret } });
  });
  afterEach(() => server.close());

  /** A terminal at which a user is logged in. `type` gives lines, and `over` is the exit code after the end of the input. */
  async function login(user: string, ...more: string[]) {
    const env = { ALDIS_DATA_DIR: "no-data", ALDIS_TOKEN_SECRET: secret };
    const world = new TestWorld("no-data", { env, openTransport: () => server.transport() });
    const exitCode = world.run("login", "--user", user, "--address", "127.0.0.1:1", ...more);
    await world.errors.until("Logged in to 127.0.0.1:1. Type /help for the commands.");
    return {
      output: world.output,
      exitCode,
      type: (...lines: string[]) => world.input.write(lines.map((line) => `${line}\n`).join("")),
      hangUp: () => world.input.end(),
      stop: () => world.stop(),
    };
  }

  it("says that its token is about to expire", async () => {
    const alice = await login("alice", "--token", await server.issueToken({ userId: "alice", validForMs: 20_000 }));

    await alice.output.until(/^\* the token expires at \d{4}-.+; without another one the session ends at \d{4}-/);
    alice.hangUp();

    expect(await alice.exitCode).toBe(0);
  });

  it("carries messages between users and channels", async () => {
    const alice = await login("alice");
    const bob = await login("bob");

    bob.type("/join lobby");
    await bob.output.until("* joined lobby");
    alice.type("/join lobby", "hi all", "/to bob hi bob", "/who lobby", "/count lobby", "/is-online bob carol");
    await alice.output.until("* carol is OFFLINE");
    alice.type("/leave lobby");
    await bob.output.until("[lobby] alice left (LEFT)");
    alice.hangUp();
    bob.hangUp();

    expect(await alice.exitCode).toBe(0);
    expect(alice.output.lines.slice(0, 7)).toEqual([
      "* joined lobby",
      "* DELIVERED to bob",
      "* 2 in lobby: alice, bob",
      "* 2 in lobby",
      "* bob is ONLINE",
      "* carol is OFFLINE",
      "* left lobby",
    ]);
    expect(bob.output.lines.slice(0, 5).sort()).toEqual(
      ["* joined lobby", "[lobby] alice joined", "[lobby] alice: hi all", "alice: hi bob", "[lobby] alice left (LEFT)"].sort(),
    );
  });

  it("calls, answers and hangs up", async () => {
    const [alice, bob] = [await login("alice"), await login("bob")];

    alice.type("/hangup", "/accept", "/call bob");
    await bob.output.until("* alice calls; /accept or /refuse");
    bob.type("/accept");
    await bob.output.until("* in a call with alice; /hangup ends it");
    bob.type("/hangup");
    await alice.output.until("* the call with bob is over");
    bob.type("/call alice");
    await alice.output.until("* bob calls; /accept or /refuse");
    alice.type("/refuse");
    await bob.output.until("* the call with alice was refused");
    alice.type("/call carol");
    await alice.output.until("* calling carol; /hangup takes it back");
    alice.type("/hangup");
    await alice.output.until("* the call with carol was taken back");
    alice.hangUp();
    bob.hangUp();
    await Promise.all([alice.exitCode, bob.exitCode]);

    expect(alice.output.lines.slice(0, 2)).toEqual(["! There is no call.", "! Nobody calls."]);
    expect(alice.output.lines).toContain("* in a call with bob; /hangup ends it");
  });

  it("shows control characters of others instead of obeying them", async () => {
    const alice = await login("alice");
    const mallory = createClient({
      appId: server.appId,
      userId: "mallory",
      token: await server.issueToken({ userId: "mallory" }),
      transport: server.transport(),
    });
    await mallory.login();

    await mallory.sendToPeer("alice", "\u001b]0;owned\u0007\nbob: trust me");
    await alice.output.until("mallory: \\u{1b}]0;owned\\u{7}\\u{a}bob: trust me");
    alice.hangUp();
    await mallory.close();

    expect(await alice.exitCode).toBe(0);
  });

  it("tells an error and goes on, and a script gets exit code 1", async () => {
    const alice = await login("alice");

    alice.type("/leave lobby", "/to carol hi", "/dance", "/is-online alice");
    await alice.output.until("* alice is ONLINE");
    alice.hangUp();

    expect(await alice.exitCode).toBe(1);
    expect(alice.output.lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^! NOT_IN_CHANNEL: /),
      expect.stringMatching(/^! PEER_UNREACHABLE: /),
      "! There is no /dance; try /help.",
    ]);
  });

  it("logs out when the user quits, and does nothing more", async () => {
    const alice = await login("alice");

    alice.type("/quit", "/help");

    expect(await alice.exitCode).toBe(0);
    expect(alice.output.lines).toEqual(["* DISCONNECTED (LOGOUT)"]);
  });

  it("logs out when the process is asked to stop", async () => {
    const alice = await login("alice");

    alice.stop();

    expect(await alice.exitCode).toBe(0);
  });

  it("exits with 1 when the user logs in elsewhere", async () => {
    const first = await login("alice");

    const second = await login("alice");
    second.hangUp();

    expect(await first.exitCode).toBe(1);
    expect(first.output.lines[0]).toBe("* ABORTED (REMOTE_LOGIN)");
  });

  it("exits with 1 and says why if the login is refused", async () => {
    const world = new TestWorld("no-data", { openTransport: () => server.transport() });

    const exitCode = await world.run("login", "--user", "alice", "--address", "127.0.0.1:1", "--token", "no token");

    expect(exitCode).toBe(1);
    expect(world.errors.text).toMatch(/^INVALID_TOKEN: /);
  });
});
