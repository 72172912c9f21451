import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createServer } from "../../src/server/index.js";

let printed: unknown[];
const argv = process.argv;

beforeEach(() => {
  printed = [];
  vi.spyOn(console, "log").mockImplementation((...values) => void printed.push(...values));
});

afterEach(() => {
  process.argv = argv;
});

describe("the examples of the README", () => {
  it("the embedded mode: two users in one process", async () => {
    await import("../../examples/embedded.js");

    expect(printed).toEqual(["bob hears from alice: hello", "it has arrived: true"]);
  });

  it("a call in the embedded mode", async () => {
    await import("../../examples/call.js");

    expect(printed).toEqual(["alice calls: Shall we talk?", "it rings", "bob says: Gladly."]);
  });

  it("two clients of aldis/rtm", async () => {
    await import("../../examples/rtm.js");

    expect(printed).toEqual([
      "alice is CONNECTING: LOGIN",
      "alice is CONNECTED: LOGIN_SUCCESS",
      "bob is CONNECTING: LOGIN",
      "bob is CONNECTED: LOGIN_SUCCESS",
      "bob hears from alice: Hello, Bob.",
      "bob has it: true",
      "alice joined",
      "alice says: Hello, all.",
      "bob answers: Gladly.",
      "alice is DISCONNECTED: LOGOUT",
      "bob is DISCONNECTED: LOGOUT",
    ]);
  });

  it("two engines of aldis/rts", async () => {
    await import("../../examples/rts.js");

    expect(printed.toSorted()).toEqual([
      "alice hears from bob: Thank you.",
      "alice logs in: true",
      "bob hears from alice: Welcome, bob.",
      "message 1 to alice: 0",
      "message 1 to the room: 200",
    ]);
  });

  it("two users of aldis/signaling", async () => {
    await import("../../examples/signaling.js");

    expect(printed[0]).toBe("the topic is tea (update)");
    expect(printed.at(-1)).toBe("bob has left: true");
    expect(printed.toSorted()).toEqual([
      "alice says: Welcome, bob.",
      'bob accepts: {"camera":"on"}',
      "bob has left: true",
      "bob meets alice",
      "it rings at bob's",
      "the topic is tea (update)",
    ]);
  });

  it("two users over gRPC, with a channel", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "aldis-examples-"));
    const server = await createServer({
      config: { grpcPort: 0, dataDir, tokenSecret: "an example secret of 32 bytes and more" },
    });
    const tokens = [await server.issueToken({ userId: "alice" }), await server.issueToken({ userId: "bob" })];
    process.argv = ["node", "two-users.ts", server.addresses.grpc ?? "", ...tokens];

    await import("../../examples/two-users.js");
    await server.close();
    await rm(dataDir, { recursive: true });

    expect(printed).toContain("alice says at 1: hello, all");
    expect(printed).toContainEqual([
      { userId: "bob", state: 1, version: expect.any(Number) },
      { userId: "carol", state: 3, version: expect.any(Number) },
    ]);
  });
});
