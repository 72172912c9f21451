import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // The examples name the package, as its users do; here it is what stands in src.
  resolve: {
    alias: [
      { find: /^aldis$/, replacement: source("src/client/index.ts") },
      { find: /^aldis\/server$/, replacement: source("src/server/index.ts") },
      { find: /^aldis\/(signaling|rtm|rts)$/, replacement: source("src/client/dialect/$1/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/tidy/fixtures/**"],
    // One seed for the whole run. `npm run test -- --seed N` replays it.
    env: { TEST_SEED: process.env.TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31)) },
    setupFiles: ["test/support/seed.ts"],
    restoreMocks: true,
    // Many tests wait for servers more than they compute: two cores bear two files at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Nothing depends on wall time; a busy machine must not fail a test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
