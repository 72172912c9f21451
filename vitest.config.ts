import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // The examples name the package, as its users do; here it is what stands in src.
  resolve: {
    alias: [
      { find: /^aldis$/, replacement: source("src/client/index.ts") },
      { find: /^aldis\/server$/, replacement: source("src/server/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/tidy/fixtures/**"],
    // One seed for the whole run. `ALDIS_SEED=n npm test` replays it.
    env: { ALDIS_SEED: process.env.ALDIS_SEED ?? String(Math.floor(Math.random() * 2 ** 31)) },
    setupFiles: ["test/support/seed.ts"],
    restoreMocks: true,
  },
});
