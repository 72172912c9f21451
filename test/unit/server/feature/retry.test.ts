import { beforeEach, describe, expect, it } from "vitest";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { MemoryRetryMemory } from "../../../../src/server/engine/embedded/memory-retry-memory.js";
import { refuse } from "../../../../src/server/feature/refusal.js";
import { countOnce } from "../../../../src/server/feature/retry.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

const alice = { appId: "app", userId: "alice" };
const refusal = refuse(ErrorCode.PEER_UNREACHABLE, "offline");

let memory: MemoryRetryMemory;
let sends: number;

beforeEach(() => {
  memory = new MemoryRetryMemory({ clock: createManualRuntime().clock, limits: defaultLimits });
  sends = 0;
});

const send = async () => `sent ${++sends}`;

describe("countOnce", () => {
  it("sends once for the same id, and gives every retry the first answer: no-duplicate", async () => {
    const answers = [await countOnce(memory, alice, "bob", "id", send), await countOnce(memory, alice, "bob", "id", send)];

    expect(answers).toEqual(["sent 1", "sent 1"]);
  });

  it("lets a retry wait for a send that is under way", async () => {
    const both = await Promise.all([countOnce(memory, alice, "bob", "id", send), countOnce(memory, alice, "bob", "id", send)]);

    expect(both).toEqual(["sent 1", "sent 1"]);
  });

  it("sends every time without an id", async () => {
    const answers = [await countOnce(memory, alice, "bob", "", send), await countOnce(memory, alice, "bob", "", send)];

    expect(answers).toEqual(["sent 1", "sent 2"]);
  });

  it.each([
    ["sender", { appId: "app", userId: "carol" }, "bob"],
    ["app", { appId: "other", userId: "alice" }, "bob"],
    ["target", alice, "carol"],
  ])("counts the same id of another %s for itself", async (_, sender, target) => {
    await countOnce(memory, alice, "bob", "id", send);

    expect(await countOnce(memory, sender, target, "id", send)).toBe("sent 2");
  });

  it("gives a refusal to all who wait for it, and forgets it: it may be tried again", async () => {
    const refused = async () => refusal;
    const both = await Promise.all([
      countOnce(memory, alice, "bob", "id", refused),
      countOnce(memory, alice, "bob", "id", send),
    ]);

    expect(both).toEqual([refusal, refusal]);
    expect(await countOnce(memory, alice, "bob", "id", send)).toBe("sent 1");
  });

  it("passes on a failure, and forgets it", async () => {
    const failing = () => Promise.reject(new Error("the engine is down"));

    await expect(countOnce(memory, alice, "bob", "id", failing)).rejects.toThrow("the engine is down");
    expect(await countOnce(memory, alice, "bob", "id", send)).toBe("sent 1");
  });
});
