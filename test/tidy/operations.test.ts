// What operators are given: that it fits the server, and keeps its own rules.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { limitTable } from "../../gen/aldis/v1/tables/limits.js";
import { renderAdvice, renderAlarms, renderMetrics } from "../../scripts/docs/operations.js";
import { readSources, repository } from "./repository.js";

const read = (path: string) => readFileSync(`${repository}${path}`, "utf8");
const metricsTable = await renderMetrics();
const metrics = new Map([...metricsTable.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, type]) => [name, type]));

/** The names of figures in queries that the server does not have. */
function unknownMetrics(queries: readonly string[]): string[] {
  const names = queries.flatMap((query) => query.match(/\baldis_\w+/g) ?? []);
  return names.filter((name) => !metrics.has(name) && metrics.get(name.replace(/_(bucket|count|sum)$/, "")) !== "histogram");
}

describe("the metrics", () => {
  it("are named as is usual: counters are totals, and nothing else is", () => {
    const odd = [...metrics].filter(([name, type]) => (type === "counter") !== name?.endsWith("_total"));

    expect(metrics.size).toBeGreaterThan(10);
    expect(odd).toEqual([]);
    expect([...metrics.keys()].filter((name) => !name?.startsWith("aldis_") || /_(ms|milliseconds|kb)/.test(name))).toEqual([]);
  });

  it("are all in the table of the page, also those of parts that a node need not have", () => {
    const named = readSources("src/server/observe").flatMap(({ text }) => text.match(/(?<=")aldis_\w+(?=")/g) ?? []);

    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !metrics.has(name))).toEqual([]);
  });
});

describe("the operators' page", () => {
  it.each([
    ["metrics", metricsTable],
    ["alarms", renderAlarms()],
    ["advice", renderAdvice()],
  ])("has the %s of today", (_, table) => {
    expect(read("operations/README.md")).toContain(table);
  });
});

describe("the dashboard", () => {
  const { panels } = JSON.parse(read("operations/grafana-dashboard.json")) as {
    panels: { id: number; targets: { expr: string }[] }[];
  };
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it("asks for figures that the server has", () => {
    expect(unknownMetrics(queries)).toEqual([]);
  });

  it("shows every figure", () => {
    const shown = queries.join(" ");

    expect([...metrics.keys()].filter((name) => !shown.includes(name ?? ""))).toEqual([]);
  });

  it("has panels with ids of their own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe("the alarms", () => {
  const { groups } = JSON.parse(read("operations/alarms.json")) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it("ask for figures that the server has, and have names of their own", () => {
    expect(unknownMetrics(rules.map(({ expr }) => expr))).toEqual([]);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe("the Dockerfile", () => {
  const steps = read("Dockerfile")
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) => (line === "" || line.startsWith("#") ? [] : [/^(\w+) +(.*)$/.exec(line)?.slice(1) ?? []]));
  const all = (name: string) => steps.filter(([step]) => step === name).map(([, value]) => value ?? "");
  const runStage = steps.slice(steps.findLastIndex(([step]) => step === "FROM"));
  const last = (name: string) => runStage.findLast(([step]) => step === name)?.[1] ?? "";

  it("builds in one stage and runs in another, both on a small image of a fixed version", () => {
    expect(all("FROM")).toEqual(["node:22-slim AS build", "node:22-slim"]);
    expect(runStage.filter(([step, value]) => step === "COPY" && !value?.startsWith("--from=build "))).toEqual([]);
  });

  it("installs exactly what the lock file says, and leaves tools of developers behind", () => {
    expect(all("RUN")[0]).toBe("npm ci");
    expect(all("RUN")[1]).toContain("npm prune --omit=dev");
  });

  it("runs as nobody special, without a shell, and gets signals", () => {
    expect(last("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(JSON.parse(last("ENTRYPOINT"))).toEqual(["node", "dist/src/cli/main.js"]);
    expect(JSON.parse(last("CMD"))).toEqual(["serve"]);
  });

  it("writes to its volume only, so that the root may be read-only", () => {
    expect(last("VOLUME")).toBe("/data");
    expect(last("ENV")).toContain("ALDIS_DATA_DIR=/data");
  });

  it("has a health check that asks whether the server is ready", () => {
    expect(last("HEALTHCHECK")).toContain("/readyz");
  });

  it("takes no secrets: neither in the environment nor from the folder", () => {
    const ignored = read(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));

    expect([...all("ENV"), ...all("ARG")].join(" ")).not.toMatch(/SECRET|KEY|PASSWORD|TOKEN/);
    expect(ignored[0]).toBe("*");
    expect(
      ignored
        .slice(1)
        .filter((line) => !/^!(\.npmrc|package(-lock)?\.json|tsconfig(\.build)?\.json|gen|proto|src)$/.test(line)),
    ).toEqual([]);
  });
});

describe("the unit for systemd", () => {
  const settings = new Map(
    [...read("operations/aldis.service").matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value ?? ""]),
  );

  it("reads files again by SIGHUP, drains by SIGTERM, and comes back", () => {
    expect(settings.get("ExecReload")).toBe("/bin/kill -HUP $MAINPID");
    expect(settings.get("KillSignal")).toBe("SIGTERM");
    expect(Number(settings.get("TimeoutStopSec"))).toBeGreaterThanOrEqual(20);
    expect(settings.get("Restart")).toBe("always");
  });

  it.each([
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=",
    "User=aldis",
  ])("hardens: %s", (setting) => {
    const [name, value] = setting.split("=");

    expect(settings.get(name ?? "")).toBe(value);
  });

  it("lets the server have a file for each session", () => {
    expect(settings.get("LimitNOFILE")).toBe(String(limitTable.sessions.default + 200));
  });
});
