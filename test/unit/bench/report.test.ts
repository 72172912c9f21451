import { describe, expect, it } from "vitest";
import { drawBarChart } from "../../../bench/reporting/bar-chart.js";
import { writePage } from "../../../bench/reporting/page.js";
import type { Section } from "../../../bench/reporting/section.js";
import { targetsOf } from "../../../bench/reporting/targets.js";

const chart = {
  title: "CPU < all",
  axis: "µs",
  series: ["one", "two"],
  groups: [
    { label: "aldis", values: [3, 4] },
    { label: "ws & co", values: [12, undefined] },
  ],
};

const section: Section = {
  name: "fan-out",
  title: "Fan-out",
  about: "What it costs.",
  run: () => Promise.reject(new Error("not in this test")),
  columns: ["system", "cpuMicrosPerDelivery"],
  charts: () => ({ cpu: chart }),
};

const lines = [
  { system: "aldis", cpuMicrosPerDelivery: 1, p99Ms: 60, secret: "not in the table" },
  { system: "naive", cpuMicrosPerDelivery: 8, p99Ms: 900 },
  { system: "ws", cpuMicrosPerDelivery: 2, p99Ms: 9 },
];

describe("a bar chart", () => {
  it("carries every value, a legend, the axis, and a word for what was not measured", () => {
    const svg = drawBarChart(chart);

    for (const text of [">3<", ">4<", ">12<", ">one<", ">two<", ">µs<", ">not measured<"]) expect(svg).toContain(text);
  });

  it("escapes its texts", () => {
    const svg = drawBarChart(chart);

    expect(svg).toContain("CPU &lt; all");
    expect(svg).toContain("ws &amp; co");
  });
});

describe("targets", () => {
  it("are met, missed or not measured", () => {
    const found = targetsOf({ "fan-out": { measured: "today", rows: [], summary: lines, failed: false } });

    const byName = new Map(found.map(({ target, met }) => [target, met]));
    expect(byName.get("CPU a delivery, in parts of the naive loop's")).toBe("yes");
    expect(byName.get("CPU a delivery, in parts of ws's")).toBe("no");
    expect(byName.get("CPU a delivery, in parts of Socket.IO's")).toBe("not measured");
  });

  it("compare Aldis at low load with the least that has messages on disk too, both beside the naive loop", () => {
    const summary = [
      { system: "aldis", p99Ms: 9 },
      { system: "naive", p99Ms: 5 },
      { system: "protocol", p99Ms: 6 },
    ];

    const found = targetsOf({ "low-load": { measured: "today", rows: [], summary, failed: false } });

    const lowLoad = found.find(({ target }) => target === "p99 above the naive loop's at low load");
    expect(lowLoad).toMatchObject({ measured: "4 ms", floor: "1 ms", met: "no" });
  });

  it("compare Aldis at saturation with floors that took turns with it, by the size of the channel", () => {
    const summary = [
      { members: 200, system: "aldis", sustained: true, cpuMicrosPerDelivery: 9, batch: 8 },
      { members: 200, system: "aldis", cpuMicrosPerDelivery: 6, batch: 70 },
      { members: 200, system: "aldis-memory", sustained: true, cpuMicrosPerDelivery: 8 },
      { members: 200, system: "aldis-memory", cpuMicrosPerDelivery: 4 },
      { members: 200, system: "tcp", cpuMicrosPerDelivery: 2 },
      { members: 200, system: "http2", cpuMicrosPerDelivery: 2.5 },
      { members: 200, system: "protocol", cpuMicrosPerDelivery: 3 },
      { members: 1000, system: "aldis", cpuMicrosPerDelivery: 5, batch: 50 },
      { members: 1000, system: "tcp", cpuMicrosPerDelivery: 2 },
    ];

    const found = targetsOf({ saturation: { measured: "today", rows: [], summary, failed: false } });

    const first = found.findIndex(({ target }) => target.startsWith("CPU at saturation"));
    expect(found.slice(first, first + 4).map(({ target, measured, floor, met }) => [target, measured, floor, met])).toEqual([
      ["CPU at saturation (200 members, batches of 70), in parts of raw TCP's", "3", "1.5", "no"],
      ["the same with channel logs in memory", "2", "1.25", "yes"],
      ["CPU at saturation (1000 members, batches of 50), in parts of raw TCP's", "2.5", "", "yes"],
      ["the same with channel logs in memory", "", "", "not measured"],
    ]);
  });
});

describe("the page of a report", () => {
  const facts = { date: "today", commit: "abc", busyProcessors: 0, machine: "one", node: "v20", systems: [] };

  it("shows charts and the chosen figures of a section", () => {
    const page = writePage(facts, [{ section, findings: { measured: "today", rows: [], summary: lines, failed: false } }]);

    expect(page).toContain("![CPU < all](fan-out-cpu.svg)");
    expect(page).toContain("| naive | 8 |");
    expect(page).not.toContain("secret");
  });

  it("says of a section in which something was lost that it does not count", () => {
    const page = writePage(facts, [{ section, findings: { measured: "today", rows: [], summary: lines, failed: true } }]);

    expect(page).toContain("these figures do not count");
  });
});
