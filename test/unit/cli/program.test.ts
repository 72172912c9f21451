import { describe, expect, it } from "vitest";
import { TestWorld } from "./test-world.js";

const world = () => new TestWorld("no-data");

describe("the command line", () => {
  it("prints its version", async () => {
    const aldis = world();

    expect(await aldis.run("--version")).toBe(0);
    expect(aldis.output.text).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("names flag, variable and default of each setting in the help of serve, and no flag for the secret", async () => {
    const aldis = world();

    const exitCode = await aldis.run("serve", "--help");

    const help = aldis.output.text.replace(/\s+/g, " ");
    expect(exitCode).toBe(0);
    expect(help).toContain(
      "--grpc-port <value> The port on which gRPC listens; 0 for any free one. (ALDIS_GRPC_PORT, default: 7400)",
    );
    expect(help).toContain("aldis serve --grpc-port 0 --http-port 0 --json");
    expect(help).not.toContain("--token-secret <value>");
  });

  it.each(["doctor", "token", "demo", "login"])("has examples in the help of %s", async (command) => {
    const aldis = world();

    expect(await aldis.run(command, "--help")).toBe(0);
    expect(aldis.output.text).toContain(`Examples:\n  aldis ${command}`);
  });

  it.each([
    [["dance"], "unknown command 'dance'"],
    [["serve", "--grcp-port", "1"], "Did you mean --grpc-port?"],
    [["serve", "--grpc-port", "x"], 'Flag --grpc-port is "x"; it must be a whole number from 0 to 65535.'],
    [["serve", "--limit", "mesageBytes=1"], "Did you mean messageBytes?"],
    [["serve", "--limit", "ackEvents=0", "--limit", "drainMs=x"], "Flag --limit drainMs"],
    [["serve", "--config", "none.json"], 'Flag --config names "none.json", which cannot be read: no such file.'],
    [["serve", "--no-development"], "There is no token secret, and development is off"],
    [["token"], "required option '--user <user>' not specified"],
    [["token", "--user", ""], "It must not be empty."],
    [["token", "--user", "alice", "--valid", "1w"], "It must be like 30s, 15m, 24h or 7d"],
    [["token", "--user", "alice", "--secret-file", "none"], 'Flag --token-secret-file names "none"'],
    [["demo", "--address", "here"], "It must be like 127.0.0.1:7400 or [::1]:7400."],
    [["login", "--user", "alice", "--address", "host:0"], "It must be like"],
  ])("exits with 2 and a clear message for %j", async (args, message) => {
    const aldis = world();

    expect(await aldis.run(...args)).toBe(2);
    expect(aldis.errors.text).toContain(message);
    expect(aldis.output.text).toBe("");
  });

  it.each([
    [["token", "--user", "alice"], "Start one with `aldis serve`, or give --secret-file."],
    [["demo", "--address", "127.0.0.1:1"], "Start one with `aldis serve`, or give --secret-file."],
    [["login", "--user", "alice"], "Start one with `aldis serve`, or give --address."],
    [["serve"], "This test has no server."],
  ])("exits with 1 and says what to do, without a stack, for %j", async (args, message) => {
    const aldis = world();

    expect(await aldis.run(...args)).toBe(1);
    expect(aldis.errors.text).toContain(message);
    expect(aldis.errors.text).not.toMatch(/^\s+at /m);
  });
});
