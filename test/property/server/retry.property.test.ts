import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetryMemory } from "../../../src/server/engine/ports/retry-memory.js";
import { countOnce } from "../../../src/server/feature/retry.js";

// Few characters, those of the keys among them, so that texts which run into each other come up.
const id = fc.string({ unit: fc.constantFrom("a", "1", "2", ":", "/"), minLength: 1, maxLength: 6 });
const request = fc.record({ appId: id, userId: id, target: id, clientMessageId: id });

/** The key under which a request is remembered. */
async function keyOf({
  appId,
  userId,
  target,
  clientMessageId,
}: { [name in "appId" | "userId" | "target" | "clientMessageId"]: string }) {
  const keys: string[] = [];
  const memory: RetryMemory = {
    once(key, task) {
      keys.push(key);
      return task();
    },
  };
  await countOnce(memory, { appId, userId }, target, clientMessageId, async () => "sent");
  return keys.join();
}

describe("countOnce", () => {
  it("remembers no two requests that differ under one key, whatever characters their parts have: isolation", async () => {
    const keys = new Map<string, string>();
    const property = fc.asyncProperty(request, async (one) => {
      const key = await keyOf(one);
      const parts = JSON.stringify([one.appId, one.userId, one.target, one.clientMessageId]);

      expect(keys.get(key) ?? parts).toBe(parts);
      keys.set(key, parts);
    });
    await fc.assert(property, { numRuns: 2000 });
  });

  it("keeps a client message id from reaching into the requests of a user whose id continues it", async () => {
    const attacker = await keyOf({ appId: "app", userId: "u", target: "t1", clientMessageId: "X/3:abcY" });
    const victim = await keyOf({ appId: "app", userId: "u/2:t1X", target: "abc", clientMessageId: "Y" });

    expect(attacker).not.toBe(victim);
  });
});
