import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { serverVersion } from "../../../src/server/version.js";

it("is the version of the package", async () => {
  const manifest = await readFile(new URL("../../../package.json", import.meta.url), "utf8");

  expect(serverVersion).toBe(JSON.parse(manifest).version);
});
