import { describe, expect, it } from "vitest";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const ada = { appId: "app", userId: "ada" };

export function describeRevocationList(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: revocation list`, () => {
    it("knows of no revocation at first", async () => {
      const { revocations } = (await openEngine(makeEngine)).engine;

      expect(await revocations.find(ada)).toBe(0);
    });

    it("keeps the latest time, also when an earlier one comes after it", async () => {
      const { revocations } = (await openEngine(makeEngine)).engine;

      await revocations.revoke(ada, 1000);
      await revocations.revoke(ada, 3000);
      await revocations.revoke(ada, 2000);

      expect(await revocations.find(ada)).toBe(3000);
    });

    it("keeps a revocation for ever", async () => {
      const test = await openEngine(makeEngine);
      await test.engine.revocations.revoke(ada, test.now());
      const revokedAt = test.now();

      await test.advance(400 * 86_400_000);

      expect(await test.engine.revocations.find(ada)).toBe(revokedAt);
    });

    it("keeps users with hostile ids, and those of different apps, apart", async () => {
      const { revocations } = (await openEngine(makeEngine)).engine;
      const users = hostileKeys.map(([appId, userId]) => ({ appId, userId }));

      for (const [index, user] of users.entries()) await revocations.revoke(user, index + 1);

      const found = await Promise.all(users.map((user) => revocations.find(user)));
      expect(found).toEqual(users.map((_, index) => index + 1));
    });
  });
}
