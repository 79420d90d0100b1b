/* data-behaviour="chart": draws the JSON in the figure's [data-chart] with Chart.js onto its canvas, in the colours
   of the style sheets. The server has chosen labels, words and marks; nothing is worked out here. Where the library
   is missing the table stays open and the canvas away. Drawn anew when the scheme changes, and in light for paper. */
import { behaviour } from "./behaviours.js";

const drawn = new Map(); // figure → its Chart
const root = document.documentElement;
const rowHeight = 30;
const narrow = matchMedia("(max-width: 47.99rem)"); // where reports.css shows a legend for what is named in the chart

function draw(figure, spec, paper = false) {
  drawn.get(figure)?.destroy();
  const plot = figure.querySelector(".chart__plot");
  if (spec.kind === "rows") plot.style.height = `${spec.labels.length * rowHeight * rowsEach(spec) + 40}px`;
  const chart = new window.Chart(plot.querySelector("canvas"), configuration(spec, palette(plot, paper)));
  chart.$spec = spec;
  drawn.set(figure, chart);
}

/* Two bars side by side need more room than one, or two that lie over each other. */
function rowsEach(spec) {
  return spec.series.length > 1 && !spec.over && !spec.stacked ? 1.4 : above(spec) ? 1.25 : 1;
}

/* On a phone long words go above their bar. */
function above(spec) {
  return narrow.matches && spec.kind === "rows" && spec.series.some((series) => series.ends?.some((text) => text.length > 8));
}

function redraw(paper = false) {
  for (const [figure, chart] of [...drawn]) draw(figure, chart.$spec, paper);
}

new MutationObserver(() => redraw()).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
narrow.addEventListener("change", () => redraw());
addEventListener("beforeprint", () => redraw(true));
addEventListener("afterprint", () => redraw());

/* Colours: a token's value may be any CSS colour; one pixel of it says what the canvas is to be given. */
function palette(plot, paper) {
  const probe = document.createElement("i");
  if (paper) probe.style.colorScheme = "light";
  plot.append(probe);
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const seen = new Map();
  const style = getComputedStyle(probe);
  const colour = (name) => {
    if (!seen.has(name)) {
      probe.style.color = `var(--${name})`;
      pixel.clearRect(0, 0, 1, 1);
      pixel.fillStyle = style.color;
      pixel.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
      seen.set(name, `rgba(${r}, ${g}, ${b}, ${a / 255})`);
    }
    return seen.get(name);
  };
  const names = ["ink", "ink-2", "ink-3", "grid", "line", "surface", "raised"];
  const known = Object.fromEntries(names.map((name) => [name, colour(name)]));
  const found = { ...known, font: style.fontFamily, of: (name) => colour(name) };
  for (const name of ["series-1", "series-2", "series-3", "series-mute", "series-1-pale", "risk-solid", "risk-pale", "breach-solid",
    "flow-1", "flow-2", "flow-3", "flow-4", "flow-5", "flow-6", "flow-7"]) colour(name);
  probe.remove();
  return found;
}

function configuration(spec, colours) {
  const rows = spec.kind === "rows";
  const value = rows ? "x" : "y";
  return {
    type: spec.kind === "line" || spec.kind === "area" ? "line" : "bar",
    data: { labels: spec.labels, datasets: spec.series.map((series, place) => dataset(spec, series, place, colours)) },
    plugins: [words],
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 190 },
      indexAxis: rows ? "y" : "x",
      interaction: { mode: "index", axis: rows ? "y" : "x", intersect: false },
      layout: { padding: { top: 16, right: padding(spec) } },
      scales: scales(spec, colours, value),
      plugins: { legend: { display: false }, tooltip: tooltip(spec, colours), words: { spec, colours } },
    },
  };
}

/* Room at the right for what is written there. */
function padding(spec) {
  if (spec.kind === "line") return narrow.matches ? 8 : 112;
  if (spec.kind !== "rows" || above(spec)) return 10;
  const told = spec.series.flatMap((series) => (series.told ? series.ends ?? series.texts : []));
  return 10 + 6.2 * Math.max(0, ...told.map((text) => text.length));
}

function dataset(spec, series, place, colours) {
  const colour = colours.of(series.colour);
  const paint = series.colours ? series.colours.map((name) => colours.of(name)) : colour;
  const common = { label: series.name, data: series.values, backgroundColor: paint, hoverBackgroundColor: paint, borderColor: colour, hoverBorderColor: colour };
  if (spec.kind === "area") {
    return { ...common, fill: place === 0 ? "origin" : "-1", stack: "all", borderColor: colours.surface, hoverBorderColor: colours.surface, borderWidth: 1, pointRadius: 0, pointHitRadius: 8 };
  }
  if (spec.kind === "line" || series.line) {
    return { ...common, type: "line", yAxisID: series.axis ?? "y", borderWidth: 2, pointRadius: dots(series), pointHoverRadius: 4, pointBackgroundColor: colour, pointBorderColor: colours.surface, spanGaps: true, order: 0, clip: false };
  }
  const thick = spec.over ? { grouped: false, barThickness: 12, order: place } : { maxBarThickness: spec.kind === "rows" ? 12 : 44, order: 1 };
  return { ...common, ...thick, borderRadius: 2, borderSkipped: "start", stack: spec.stacked ? "all" : undefined, categoryPercentage: 0.8, barPercentage: 0.86 };
}

/* A line of one point alone would not be seen. */
function dots(series) {
  const known = series.values.flatMap((value, place) => (value === null ? [] : [place]));
  return series.values.map((_, place) => (known.length === 1 || place === known.at(-1) ? 3.5 : 0));
}

function scales(spec, colours, value) {
  const font = { size: 11, family: colours.font };
  const marked = (marks, more) => ({
    min: marks[0][0],
    max: marks.at(-1)[0],
    border: { display: false },
    grid: { color: colours.grid, drawTicks: false },
    afterBuildTicks: (axis) => { axis.ticks = marks.map(([at, label]) => ({ value: at, label })); },
    ticks: { color: colours["ink-3"], font, padding: 6, autoSkip: false, maxRotation: 0, callback: (_at, place) => marks[place]?.[1] },
    stacked: spec.stacked || spec.kind === "area",
    ...more,
  });
  const named = {
    border: { color: colours.line },
    grid: { display: false },
    ticks: { color: colours[value === "x" ? "ink" : "ink-3"], font: value === "x" ? { ...font, size: 12 } : font, padding: 4, autoSkip: value === "y", autoSkipPadding: 10, maxRotation: 0 },
    stacked: spec.stacked,
    offset: spec.kind === "bar" || spec.kind === "rows",
  };
  const found = value === "x" ? { x: marked(spec.ticks), y: named } : { y: marked(spec.ticks), x: named };
  if (spec.ticks2) found.y2 = marked(spec.ticks2, { position: "right", grid: { display: false }, ticks: { color: colours.of("series-2"), font, padding: 6, autoSkip: false, callback: (_at, place) => spec.ticks2[place]?.[1] } });
  return found;
}

function tooltip(spec, colours) {
  return {
    backgroundColor: colours.raised,
    titleColor: colours.ink,
    bodyColor: colours["ink-2"],
    borderColor: colours.line,
    borderWidth: 1,
    padding: 10,
    boxWidth: 10,
    boxHeight: 10,
    boxPadding: 4,
    titleFont: { family: colours.font, size: 12 },
    bodyFont: { family: colours.font, size: 12 },
    callbacks: {
      title: (items) => spec.names[items[0].dataIndex],
      label: (item) => {
        const series = spec.series[item.datasetIndex];
        return `${series.name}: ${series.texts[item.dataIndex]}`;
      },
    },
  };
}

/* What is written into the chart itself: a line's name and last value, a bar's value. */
const words = {
  id: "words",
  afterDatasetsDraw(chart, _args, { spec, colours }) {
    const pen = chart.ctx;
    pen.save();
    pen.textBaseline = "middle";
    const taken = [];
    spec.series.forEach((series, number) => {
      const points = chart.getDatasetMeta(number).data;
      if (series.end && !narrow.matches) writeEnd(pen, series, points, colours, taken);
      if (series.told) writeValues(chart, spec, series, points, colours);
    });
    pen.restore();
  },
};

function writeEnd(pen, series, points, colours, taken) {
  const last = series.values.findLastIndex((value) => value !== null);
  if (last < 0) return;
  const at = points[last];
  let y = at.y;
  for (const other of taken) if (Math.abs(other - y) < 14) y = other + (y < other ? -14 : 14);
  taken.push(y);
  pen.textAlign = "start";
  pen.font = `530 12px ${colours.font}`;
  pen.fillStyle = colours.of(series.colour);
  pen.fillText(`${series.name} ${series.texts[last]}`, at.x + 8, y);
}

function writeValues(chart, spec, series, points, colours) {
  const pen = chart.ctx;
  pen.font = `11px ${colours.font}`;
  pen.fillStyle = colours["ink-2"];
  (series.ends ?? series.texts).forEach((text, place) => {
    const at = points[place];
    if (!text || series.values[place] === null || !at) return;
    if (above(spec)) { pen.textAlign = "start"; pen.fillText(text, chart.chartArea.left + 2, at.y - 13); }
    else if (spec.kind === "rows") { pen.textAlign = "start"; pen.fillText(text, at.x + 6, at.y); }
    else { pen.textAlign = "center"; pen.fillText(text, at.x, at.y - 9); }
  });
}

behaviour("chart", (figure) => {
  const source = figure.querySelector("script[data-chart]");
  if (!source || !window.Chart) return null;
  draw(figure, JSON.parse(source.textContent));
  return () => { drawn.get(figure)?.destroy(); drawn.delete(figure); };
});
