/** Bars in groups: one bar for each group and series. */
export interface BarChart {
  readonly title: string;
  /** What the bars measure, with its unit: the label of the axis. */
  readonly axis: string;
  readonly series: readonly string[];
  readonly groups: readonly {
    readonly label: string;
    /** One value for each series; undefined where there is none. */
    readonly values: readonly (number | undefined)[];
    /** True for what the chart is about. Only seen in a chart with one series. */
    readonly highlighted?: boolean;
  }[];
}

const width = 760;
const labelWidth = 150;
const valueWidth = 80;
const barHeight = 18;
const groupGap = 12;
const plotWidth = width - labelWidth - valueWidth;
const seriesClasses = ["first", "second", "third", "fourth"];
const ticks = 5;

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: #59636e; font-size: 12px; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .first { fill: #0969da; } .second { fill: #8c959f; } .third { fill: #1a7f37; } .fourth { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .first { fill: #4493f8; } .second { fill: #656c76; } .third { fill: #3fb950; } .fourth { fill: #db6d28; }
  }
`;

/** A chart of horizontal bars as an SVG that can be read on light and on dark ground. Each bar carries its value. */
export function drawBarChart(chart: BarChart): string {
  const { title, axis, series, groups } = chart;
  const hasLegend = series.length > 1;
  const top = hasLegend ? 66 : 44;
  const groupHeight = series.length * barHeight + groupGap;
  const bottom = top + groups.length * groupHeight;
  const height = bottom + 48;
  const most = niceCeiling(Math.max(...groups.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const x = (value: number) => labelWidth + (value / most) * plotWidth;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    text(12, 24, title, "title"),
    ...(hasLegend ? legend(series) : []),
    ...grid(most, x, top, bottom),
    text(labelWidth + plotWidth / 2, bottom + 38, axis, "quiet", "middle"),
    ...groups.flatMap((group, i) => bars(group, series, top + i * groupHeight, x)),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function legend(series: readonly string[]): string[] {
  return series.flatMap((name, i) => {
    const left = labelWidth + i * 150;
    return [rectangle(left, 40, 12, 12, classOf(i)), text(left + 18, 51, name)];
  });
}

function grid(most: number, x: (value: number) => number, top: number, bottom: number): string[] {
  return Array.from({ length: ticks + 1 }, (_, i) => (most * i) / ticks).flatMap((value) => [
    `<line class="grid" x1="${x(value)}" y1="${top}" x2="${x(value)}" y2="${bottom}"/>`,
    text(x(value), bottom + 18, figure(value), "quiet", "middle"),
  ]);
}

function bars(
  { label, values, highlighted = false }: BarChart["groups"][number],
  series: readonly string[],
  top: number,
  x: (value: number) => number,
): string[] {
  const middle = top + (series.length * barHeight + groupGap) / 2 + 4;
  const drawn = values.flatMap((value, i) => {
    const y = top + groupGap / 2 + i * barHeight;
    if (value === undefined) return [text(labelWidth + 6, y + 14, "not measured", "quiet")];
    const name = series.length === 1 ? classOf(highlighted ? 0 : 1) : classOf(i);
    return [
      rectangle(labelWidth, y + 2, Math.max(1, x(value) - labelWidth), barHeight - 4, name),
      text(x(value) + 6, y + 14, figure(value)),
    ];
  });
  return [text(labelWidth - 10, middle, label, "", "end"), ...drawn];
}

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below a value. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 3 });
}

function classOf(series: number): string {
  return seriesClasses[series % seriesClasses.length] ?? "";
}

function rectangle(x: number, y: number, width: number, height: number, name: string): string {
  return `<rect class="${name}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${height}" rx="2"/>`;
}

function text(x: number, y: number, content: string, name = "", anchor = "start"): string {
  return `<text class="${name}" x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
