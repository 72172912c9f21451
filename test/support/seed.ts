// Gives fast-check the seed of the run, and tells it when a test fails.
import fc from "fast-check";
import { beforeEach, onTestFailed } from "vitest";

const seed = Number(process.env.TEST_SEED);
if (!Number.isInteger(seed)) throw new Error(`TEST_SEED must be a whole number, not "${process.env.TEST_SEED}"`);

fc.configureGlobal({ seed });
beforeEach(() => onTestFailed(() => console.error(`Replay this run with: npm run test -- --seed ${seed}`)));
