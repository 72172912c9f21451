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
