import { fileURLToPath } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from "dependency-cruiser";
import { describe, expect, it } from "vitest";
import { repository } from "./repository.js";

type Configuration = Required<Pick<IFlattenedRuleSet, "forbidden">> & { readonly options: ICruiseOptions };

const { default: configuration }: { default: Configuration } = await import(`${repository}.dependency-cruiser.mjs`);

const fixture = fileURLToPath(new URL("fixtures/import-directions", import.meta.url));

/** What a tree of sources breaks: the rule and the file, as one text. */
async function findViolations(baseDir: string): Promise<string[]> {
  const { forbidden, options } = configuration;
  const result = await cruise(["src", "gen"], { ...options, baseDir, ruleSet: { forbidden }, validate: true });
  const { summary } = result.output as ICruiseResult;
  return [...new Set(summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`))].sort();
}

describe("the import directions", () => {
  it("are kept by src and gen", async () => {
    expect(await findViolations(repository)).toEqual([]);
  });

  it("are broken by each bad file of the fixture, and by no good one", async () => {
    expect(await findViolations(fixture)).toEqual([
      "client-for-cli-only: src/server/from-client.ts",
      "client-without-grpc: src/client/from-grpc.ts",
      "client-without-node: src/client/from-node.ts",
      "compose-chooses-the-engine: src/server/feature/from-embedded.ts",
      "compose-is-last: src/server/edge/from-compose.ts",
      "dialects-apart: src/client/dialect/rtm/from-signaling.ts",
      "dialects-are-outermost: src/client/from-dialect.ts",
      "edges-carry-bytes: src/server/edge/from-feature.ts",
      "engines-know-no-users: src/server/engine/embedded/from-session.ts",
      "features-know-no-session: src/server/feature/from-edge.ts",
      "features-know-no-session: src/server/feature/from-session.ts",
      "gen-imports-gen-only: gen/from-source.ts",
      "helpers-know-no-layer: src/server/helper.ts",
      "no-cycles: src/server/one.ts",
      "no-dev-dependencies: src/server/from-dev.ts",
      "no-unresolved: src/server/from-nowhere.ts",
      "nothing-imports-cli: src/server/from-cli.ts",
      "ports-import-ports-only: src/server/engine/ports/from-helper.ts",
      "server-for-cli-only: src/client/from-server.ts",
      "sessions-know-no-socket: src/server/session/from-edge.ts",
    ]);
  });

  it("each have a file in the fixture that breaks them", async () => {
    const broken = (await findViolations(fixture)).map((violation) => violation.split(":")[0]);

    expect([...new Set(broken)]).toEqual(configuration.forbidden.map(({ name }) => name).sort());
  });
});
