import { expect, it } from "vitest";
import { fetchText } from "../../../../src/server/auth/fetch-text.js";

it("says why an address does not answer, and not only that it failed", async () => {
  await expect(fetchText("http://127.0.0.1:1/jwks.json")).rejects.toThrow(/ECONNREFUSED|bad port/);
});
