import type { RedisAddress, RedisTarget } from "../../../config/redis-target.js";
import type { Runtime } from "../../../runtime.js";
import { createClient } from "../client.js";
import type { RedisFinding } from "./finding.js";
import { refusalOf } from "./refusal.js";
import { type Expectation, surveyServer } from "./survey.js";

/** What was found at one address. */
export interface RedisInspection {
  /** "host:port", or the name that Sentinels know. */
  readonly place: string;
  readonly findings: readonly RedisFinding[];
}

/** Connects once to the server, or to each of the nodes that are named, and looks at it. Never rejects. */
export function inspectRedis(
  target: RedisTarget,
  { prefix, profile }: Pick<Expectation, "prefix" | "profile">,
  runtime: Runtime,
): Promise<readonly RedisInspection[]> {
  const { kind } = target.address;
  const expectation = { kind, prefix, profile, now: () => runtime.clock.now() };
  return Promise.all(
    placesOf(target.address).map(async ([place, address]) => {
      const findings = await visit({ ...target, address }, expectation, runtime);
      return { place, findings };
    }),
  );
}

function placesOf(address: RedisAddress): readonly (readonly [string, RedisAddress])[] {
  if (address.kind === "sentinel") return [[address.name, address]];
  const hosts = address.kind === "cluster" ? address.nodes : [address];
  return hosts.map(({ host, port }) => [`${host}:${port}`, { kind: "single", host, port }]);
}

async function visit(target: RedisTarget, expectation: Expectation, runtime: Runtime): Promise<readonly RedisFinding[]> {
  const client = createClient(target, runtime);
  let reason: Error | undefined;
  client.on("error", (error: Error) => {
    reason ??= error;
    client.disconnect();
  });
  try {
    await client.connect();
    if (target.database !== 0) await client.call("SELECT", target.database);
    return await surveyServer(client, expectation);
  } catch (thrown) {
    return [refusalOf(reason ?? (thrown as Error))];
  } finally {
    client.disconnect();
  }
}
