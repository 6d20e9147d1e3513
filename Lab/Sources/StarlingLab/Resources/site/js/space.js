// Volumes in space: their channels as sheets that stand behind each other, seen from above.

import { clear as empty, el, svg } from "./dom.js";

/** The directions on the screen of a sheet's columns and of depth; rows go straight down. */
const [across, down] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];

/** The room for lines at the drawing's edge, in pixels. */
const margin = 2;

/**
 * A drawing of sheets in space. It is a picture; what it shows is said by its caption and its name.
 *
 * @typedef {{row: number, column: number, rows: number, columns: number, kind: "K"|"Y",
 *   isImpossible?: boolean}} Part what is marked on a sheet; it may hang over its edge
 * @typedef {{rows: number, columns: number, depth: number, part?: Part, isMissing?: boolean}} Sheet
 *   `depth`: how far behind, in pixels; `isMissing`: an outline only, of what is not known
 *
 * @param {{name: string, kind: "X"|"K"|"B"|"Y", caption: (string|Node)[]}} options `name` is the
 *   symbol that lights it
 * @returns {{element: HTMLElement, set: (sheets: Sheet[], options: {unit: number,
 *   thickness: number, label: string}) => void, clear: () => void}} `unit`: the side of a cell in
 *   pixels
 */
export function space({ name, kind, caption }) {
  const drawing = svg("svg", { role: "img" });
  const element = el("figure", { class: "space", "data-symbol": name, "data-kind": kind },
    el("figcaption", {}, caption), drawing);

  function set(sheets, { unit, thickness, label }) {
    const paths = [];
    const bounds = { left: 0, top: 0, right: 1, bottom: 1 };
    // What stands behind is drawn first.
    for (const sheet of [...sheets].sort((a, b) => b.depth - a.depth)) {
      paths.push(...drawn(sheet, unit, thickness, bounds));
    }
    const [left, top] = [bounds.left - margin, bounds.top - margin];
    const [width, height] = [bounds.right + margin - left, bounds.bottom + margin - top];
    drawing.setAttribute("viewBox", [left, top, width, height].map((n) => n.toFixed(1)).join(" "));
    drawing.setAttribute("width", Math.ceil(width));
    drawing.setAttribute("height", Math.ceil(height));
    drawing.setAttribute("aria-label", label);
    empty(drawing).append(...paths);
  }

  function clear() {
    const outline = { rows: 1, columns: 1, depth: 0, isMissing: true };
    set([outline], { unit: 56, thickness: 0, label: "not computed" });
  }

  return { element, set, clear };
}

/** So many depths, `spacing` pixels apart, or closer where they would reach beyond `reach`. */
export function depths(count, spacing, reach) {
  const gap = count > 1 ? Math.min(spacing, reach / (count - 1)) : spacing;
  return Array.from({ length: count }, (_, index) => index * gap);
}

function drawn({ rows, columns, depth, part, isMissing }, unit, thickness, bounds) {
  const [width, height] = [columns * unit, rows * unit];
  const back = depth + thickness;
  const at = (x, y, z) => point(x, y, z, bounds);
  const onSheet = (left, top, right, bottom) =>
    [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => at(x, y, depth));
  const face = (kind, ...corners) =>
    svg("path", { class: `face ${kind}`.trim(), d: polygon(corners) });
  const front = onSheet(0, 0, width, height);
  if (isMissing) return [face("is-missing", ...front)];
  const paths = [
    face("is-top", at(0, 0, depth), at(0, 0, back), at(width, 0, back), at(width, 0, depth)),
    face("is-side",
      at(width, 0, depth), at(width, 0, back), at(width, height, back), at(width, height, depth)),
    face("", ...front),
  ];
  const columnLines = Array.from({ length: columns - 1 }, (_, c) =>
    line(at((c + 1) * unit, 0, depth), at((c + 1) * unit, height, depth)));
  const rowLines = Array.from({ length: rows - 1 }, (_, r) =>
    line(at(0, (r + 1) * unit, depth), at(width, (r + 1) * unit, depth)));
  paths.push(svg("path", { class: "rule", d: [...columnLines, ...rowLines].join("") }));
  if (part) {
    const [left, top] = [part.column * unit, part.row * unit];
    const [right, bottom] = [left + part.columns * unit, top + part.rows * unit];
    paths.push(svg("path", {
      class: part.isImpossible ? "part is-impossible" : "part",
      "data-kind": part.kind,
      d: polygon(onSheet(left, top, right, bottom)),
    }));
  }
  return paths;
}

/** Where a point of space is on the screen; the bounds grow with it. */
function point(x, y, z, bounds) {
  const at = [(x + z) * across, (x - z) * down + y];
  bounds.left = Math.min(bounds.left, at[0]);
  bounds.right = Math.max(bounds.right, at[0]);
  bounds.top = Math.min(bounds.top, at[1]);
  bounds.bottom = Math.max(bounds.bottom, at[1]);
  return at.map((n) => n.toFixed(1)).join(" ");
}

function polygon(corners) {
  return `M${corners.join("L")}Z`;
}

function line(from, to) {
  return `M${from}L${to}`;
}
