import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/tidy/fixtures/**"],
    // One seed for the whole run. `ALDIS_SEED=n npm test` replays it.
    env: { ALDIS_SEED: process.env.ALDIS_SEED ?? String(Math.floor(Math.random() * 2 ** 31)) },
    setupFiles: ["test/support/seed.ts"],
    restoreMocks: true,
  },
});
