import { describe, expect, it } from "vitest";
import { Histogram } from "../../../bench/load/histogram.js";

describe("Histogram", () => {
  it.each([0.5, 0.99, 0.999])("gives the percentile %d to 3 %%", (share) => {
    const histogram = new Histogram();

    for (let micros = 1; micros <= 100_000; micros += 1) histogram.record(micros);

    expect(Math.abs(histogram.percentile(share) / (share * 100_000) - 1)).toBeLessThan(0.03);
  });

  it("is exact for short times", () => {
    const histogram = new Histogram();

    for (const micros of [3, 5, 60]) histogram.record(micros);

    expect([0.3, 0.6, 1].map((share) => histogram.percentile(share))).toEqual([3, 5, 60]);
  });

  it("adds what another process has counted", () => {
    const [one, other] = [new Histogram(), new Histogram()];
    one.record(10);
    other.record(20);

    one.add(new Histogram(other.counts));

    expect(one.percentile(1)).toBe(20);
  });

  it.each([-5, 2 ** 40])("bears a time that cannot be: %d", (micros) => {
    const histogram = new Histogram();

    histogram.record(micros);

    expect(histogram.percentile(1)).toBeGreaterThanOrEqual(0);
  });

  it("has no percentile without a time", () => {
    expect(new Histogram().percentile(0.5)).toBeNaN();
  });
});
