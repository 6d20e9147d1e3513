// Lines over axes.

import { clear as empty, el, id, svg } from "../dom.js";
import { missing, parse, plain } from "../format.js";
import { register } from "../page.js";

const room = { top: 12, right: 14, bottom: 40, left: 52 };

/**
 * Lines over axes, drawn as SVG, their numbers beside it as a table that is not seen but read.
 *
 * @typedef {{name: string, points: [number, number][], isDashed?: boolean,
 *   color?: "X"|"K"|"B"|"Y"|"accent"|"plain"}} Series
 * @typedef {{x: number, y: number, label?: string}} Marker
 *
 * @param {{label: string, series?: Series[], xLabel: string, yLabel: string, x?: [number, number],
 *   y?: [number, number], marker?: Marker, isXWhole?: boolean, isYLogarithmic?: boolean,
 *   onPick?: (x: number) => void}} options `x` and `y` are the axes' ends, by default the data's;
 *   `isXWhole`: there is nothing between two whole numbers; `onPick`: pressing or dragging in the
 *   chart tells the x there (give a slider as well, for the keyboard)
 * @returns {{element: HTMLElement, set: (series: Series[], options?: {marker?: Marker}) => void,
 *   clear: () => void}}
 */
export function chart({
  label, series = [], xLabel, yLabel, x, y, marker, isXWhole = false, isYLogarithmic = false,
  onPick,
}) {
  const captionId = id("chart");
  const keys = el("ul", { class: "chart-keys" });
  const drawing = svg("svg", { class: onPick ? "is-pickable" : null, "aria-hidden": "true" });
  const table = el("table", { "aria-labelledby": captionId });
  const element = el("figure", { class: "chart" },
    el("figcaption", { id: captionId }, label), keys, drawing,
    el("div", { class: "unseen" }, table));

  let lines = series;
  let mark = marker;
  let scales;

  new ResizeObserver(draw).observe(drawing);
  if (onPick) drawing.addEventListener("pointerdown", drag);
  register(clear);
  tabulate();

  function set(newSeries, options = {}) {
    lines = newSeries;
    if ("marker" in options) mark = options.marker;
    draw();
    tabulate();
  }

  function clear() {
    mark = undefined;
    set(lines.map((line) => ({ ...line, points: [] })));
  }

  function draw() {
    const width = drawing.clientWidth;
    const height = drawing.clientHeight;
    empty(drawing).setAttribute("viewBox", `0 0 ${width} ${height}`);
    empty(keys).append(...(lines.length < 2 ? [] : lines.map((line, index) =>
      el("li", { class: lineClass(line, index) }, line.name))));
    const points = lines.flatMap((line) => line.points).map((point) => point.map(parse));
    if (width === 0) return;
    if (points.length === 0) {
      drawing.append(svg("text", { class: "tick", x: width / 2, y: height / 2 }, missing));
      return;
    }
    const [x0, x1] = x ?? ends(points.map(([at]) => at));
    const [y0, y1] = y ?? ends(points.map(([, value]) => value), !isYLogarithmic);
    const up = isYLogarithmic ? (n) => Math.log10(Math.max(n, 1e-12)) : (n) => n;
    scales = {
      x0, x1, width,
      across: (n) => room.left + (n - x0) / (x1 - x0) * (width - room.left - room.right),
      down: (n) => height - room.bottom
        - (up(n) - up(y0)) / (up(y1) - up(y0)) * (height - room.top - room.bottom),
    };
    drawing.append(...axes(width, height, [x0, x1], [y0, y1]));
    lines.forEach((line, index) => {
      drawing.append(svg("path", { class: lineClass(line, index), d: path(line.points) }));
    });
    if (mark) drawing.append(...pointer(mark, height));
  }

  function axes(width, height, xs, ys) {
    const { across, down } = scales;
    const bottom = height - room.bottom;
    const [left, right] = [room.left, width - room.right];
    const level = (at, kind) => svg("line", { class: kind, x1: left, x2: right, y1: at, y2: at });
    const words = (text, kind, x, y, anchor) =>
      svg("text", { class: kind, x, y, "text-anchor": anchor }, text);
    const rules = (isYLogarithmic ? powers(ys) : ticks(ys, height / 60)).flatMap((n) => [
      level(down(n), n === 0 ? "axis" : "rule"),
      words(plain(n), "tick", left - 8, down(n) + 4, "end"),
    ]);
    const marks = ticks(xs, width / 90, isXWhole ? 1 : 0).map((n) =>
      words(plain(n), "tick", across(n), bottom + 18, "middle"));
    return [
      ...rules, ...marks, level(bottom, "axis"),
      words(xLabel, "axis-name", right, height - 4, "end"),
      words(yLabel, "axis-name", left + 6, room.top + 4, "start"),
    ];
  }

  function pointer({ x: atX, y: atY, label: text }, height) {
    const [left, top] = [scales.across(atX), scales.down(parse(atY) ?? NaN)];
    const rule = svg("line", {
      class: "pointer", x1: left, x2: left, y1: room.top, y2: height - room.bottom,
    });
    if (!Number.isFinite(top)) return [rule];
    const dot = svg("circle", { class: "pointer", cx: left, cy: top, r: 6 });
    const [shift, anchor] = left > scales.width / 2 ? [-12, "end"] : [12, "start"];
    const name = svg("text", {
      class: "pointer-name", x: left + shift, y: top - 10, "text-anchor": anchor,
    }, text ?? "");
    return [rule, dot, name];
  }

  function path(points) {
    let isDown = false;
    return points.map((point) => {
      const [left, top] = [scales.across(parse(point[0])), scales.down(parse(point[1]))];
      const isFinite = Number.isFinite(left) && Number.isFinite(top);
      const part = isFinite ? `${isDown ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}` : "";
      isDown = isFinite;
      return part;
    }).join("");
  }

  function tabulate() {
    const xs = [...new Set(lines.flatMap((line) => line.points.map(([at]) => at)))];
    const found = lines.map((line) => new Map(line.points));
    empty(table).append(
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, xLabel),
        lines.map((line) => el("th", { scope: "col" }, line.name)))),
      el("tbody", {}, xs.map((at) => el("tr", {}, el("th", { scope: "row" }, plain(at)),
        found.map((values) => el("td", {}, values.has(at) ? plain(values.get(at)) : missing))))));
  }

  function drag(event) {
    if (!scales || event.button !== 0) return;
    const tell = (at) => {
      const share = (at.clientX - drawing.getBoundingClientRect().left - room.left)
        / (scales.width - room.left - room.right);
      onPick(scales.x0 + Math.min(1, Math.max(0, share)) * (scales.x1 - scales.x0));
    };
    drawing.setPointerCapture(event.pointerId);
    tell(event);
    const ended = new AbortController();
    drawing.addEventListener("pointermove", tell, { signal: ended.signal });
    for (const end of ["pointerup", "pointercancel"]) {
      drawing.addEventListener(end, () => ended.abort(), { signal: ended.signal });
    }
  }

  return { element, set, clear };
}

const colours = ["accent", "Y", "X", "K", "B"];

function lineClass({ color, isDashed }, index) {
  return `line of-${color ?? colours[index % colours.length]}${isDashed ? " is-dashed" : ""}`;
}

/** The smallest and the largest, never the same; with zero, where sizes are compared. */
function ends(values, hasZero = false) {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(...finite, ...(hasZero ? [0] : []));
  const most = Math.max(...finite, ...(hasZero ? [0] : []));
  return least < most ? [least, most] : [least, least + 1];
}

/** Round numbers between the ends, about so many, and no closer than `least`. */
function ticks([from, to], wanted, least = 0) {
  const rough = (to - from) / Math.max(2, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, power * ([1, 2, 5].find((n) => n * power >= rough) ?? 10));
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return sequence(first, last).map((n) => Number((n * step).toPrecision(12)));
}

/** Powers of ten; with twice and five times them, or as on any axis, where there are too few. */
function powers([from, to]) {
  const [first, last] = [from, to].map((n) => Math.log10(Math.max(n, 1e-12)));
  const all = sequence(Math.floor(first), Math.ceil(last)).map((n) => 10 ** n);
  const within = (n) => n >= from * (1 - 1e-9) && n <= to * (1 + 1e-9);
  const parts = [all, all.flatMap((n) => [n, 2 * n, 5 * n])].map((each) => each.filter(within));
  return parts.find((each) => each.length > 1) ?? ticks([from, to], 3);
}

function sequence(first, last) {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
}
