import { describeRedis, type RedisTarget } from "../../../config/redis-target.js";
import type { Runtime } from "../../../runtime.js";
import { inspectRedis } from "./inspect.js";
import type { Expectation } from "./survey.js";

/** Looks at a Redis before a node begins to work on it. Rejects with an `Error` that says what to do if it must not; `warn` gets the rest. */
export async function requireFitRedis(
  target: RedisTarget,
  expectation: Pick<Expectation, "prefix" | "profile">,
  runtime: Runtime,
  warn: (sentence: string) => void,
): Promise<void> {
  const places = await inspectRedis(target, expectation, runtime);
  const sentences = (state: "failed" | "warning") =>
    places.flatMap(({ place, findings }) =>
      findings.filter((finding) => finding.state === state).map(({ found, advice }) => `${place}: ${found}. ${advice}`),
    );
  const failures = sentences("failed");
  if (failures.length > 0) throw new Error(`Redis at ${describeRedis(target)} cannot be used.\n${failures.join("\n")}`);
  for (const sentence of sentences("warning")) warn(`Redis at ${sentence}`);
}
