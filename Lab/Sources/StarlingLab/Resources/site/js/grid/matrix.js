// A matrix as a grid of squares: a labelled table whose cells hold their numbers, coloured by sign
// and size.

import { clear, el, id } from "../dom.js";
import { entered, missing, number, parse, plain, refusal, typed } from "../format.js";
import { register } from "../page.js";
import { complain, follow, withdraw } from "./complaint.js";
import { css, grey, ink, scaleOf, signed } from "./colour.js";
import { reach } from "./reach.js";
import { closeOutdatedWhy, closeWhy, openWhy } from "./why.js";

/** The name as it is written beside the grid: `dK` is dE/dK. */
export function written(name) {
  return name.replace(/^d(?=[A-Z])/, "dE/d");
}

/** The identity colour that goes with a name by default. */
function kindOf(name) {
  return /[XKBY]$/.exec(name)?.[0] ?? "plain";
}

/**
 * A matrix.
 *
 * The handle for tests and scripts: `<table data-grid="X" data-channel="0">`, cells `<td
 * data-row="0" data-column="1" data-value="6">+6</td>`. Rows and columns are counted from 0
 * wherever they are shown or said, as in the source: `X[0, 1]`.
 *
 * @param {Object} options
 * @param {string} options.name `X`, `K`, `Y`, `dY`, …: the table's `data-grid`
 * @param {string|Node} [options.label] the caption; `title` if left out
 * @param {string} [options.title] what the grid is called aloud; the name if left out (`dE/dK` for
 *   `dK`)
 * @param {number} [options.channel] the table's `data-channel`; 0 if left out
 * @param {number} [options.kernel] the table's `data-kernel`, for K[j, i] the j
 * @param {"X"|"K"|"B"|"Y"|"pixels"|"plain"} [options.kind] the outline's colour, and for `pixels`
 *   grey cells from 0 to 1, for `plain` cells without colour; by default the name's last letter, or
 *   else `plain`
 * @param {boolean} [options.isGradient] a dashed outline; by default names that begin with `d` have
 *   it
 * @param {boolean} [options.isEditable] cells are fields
 * @param {boolean} [options.isSmall] cells of half the side, for many grids beside each other
 * @param {boolean} [options.hasIndices] whether the rows' and columns' numbers are seen; they
 *   always are read aloud. True if left out
 * @param {string} [options.symbol] the formula's symbol that lights it and is lit by it; the name
 *   if left out
 * @param {number} [options.rows] how many rows and columns are there before the first `set`; 1 if
 *   left out
 * @param {number} [options.columns]
 * @param {boolean} [options.hasSign] false for places and counts, which are no signed values: then
 *   there is no plus. True if left out
 * @param {(matrix: number[][]) => void} [options.onEdit] called with the whole matrix at each
 *   number typed
 * @param {(row: number, column: number) => void} [options.onPick] called when a cell is pressed,
 *   dragged over or reached with an arrow key
 * @param {(row: number, column: number) => (string|Node|Promise<string|Node>)} [options.why] the
 *   answer to "why this number?": Enter opens it, and, where cells are no fields, a click (a second
 *   click on the same cell if there is onPick); Escape closes it. `products()` in parts.js makes
 *   the usual answer.
 * @returns {{element: HTMLElement,
 *   set: (matrix: (number|string|null)[][],
 *     options?: {scale?: number, isComputed?: boolean, padding?: number}) => void,
 *   clear: () => void,
 *   mark: (marks?: {cells?: number[][], target?: [number, number],
 *     window?: {row: number, column: number, rows: number, columns: number}}) => void,
 *   value: () => (number|null)[][]}}
 *   `set`: `scale` is the magnitude of the darkest colour (by default the matrix's own);
 *   `isComputed` is true unless the numbers are what somebody typed, and says whether a failure
 *   clears them (by default they are computed unless isEditable); `padding` draws so many rings of
 *   zeros around. `mark()` without marks takes them away; the window may reach into the padding.
 *   `value()` has null for a cell that shows no number.
 */
export function grid({
  name, channel = 0, kernel, title = written(name), label = title, symbol = name,
  kind = kindOf(name), isGradient = /^d[A-Z]/.test(name), isEditable = false, isSmall = false,
  hasIndices = true, hasSign = true, rows = 1, columns = 1, onEdit, onPick, why,
}) {
  const isInteractive = Boolean(isEditable || onPick || why);
  const captionId = id("caption");
  const table = el("table", {
    "data-grid": name, "data-channel": channel, "data-kernel": kernel,
    "aria-labelledby": captionId,
    role: isInteractive && "grid",
    "aria-describedby": isInteractive && (isEditable ? "help-field" : "help-cell"),
  });
  const ghosts = el("div", { class: "ghosts", "aria-hidden": "true" });
  const frame = el("div", { class: "window", hidden: true });
  const classes = {
    grid: true, "is-gradient": isGradient, "is-small": isSmall, "has-no-indices": !hasIndices,
    "is-interactive": isInteractive, "is-pickable": onPick,
  };
  const element = el("figure", {
    class: Object.keys(classes).filter((each) => classes[each]).join(" "),
    "data-kind": kind, "data-symbol": symbol,
  }, el("figcaption", { id: captionId }, label),
  el("div", { class: "sheet" }, ghosts, table, frame));

  let cells = [];
  let numbers = [];
  let scale = 1;
  let isComputed = !isEditable;
  const keys = isInteractive && reach({ table, isEditable, hasAnswer: Boolean(why), onPick, ask });

  if (isEditable) {
    table.addEventListener("input", onType);
    table.addEventListener("focusout", onLeave);
  }
  shape(rows, columns);
  clearNumbers();
  register(() => { if (isComputed) clearNumbers(); });

  function set(matrix, options = {}) {
    ({ scale = scaleOf(matrix), isComputed = !isEditable } = options);
    if (matrix.length !== cells.length || matrix[0].length !== cells[0].length) {
      shape(matrix.length, matrix[0].length);
    }
    const before = JSON.stringify(numbers);
    numbers = matrix.map((row) => row.map((n) => parse(n) ?? null));
    if (isEditable && JSON.stringify(numbers) !== before) withdraw();
    pad(options.padding ?? 0);
    paintAll();
    follow();
  }

  function clearNumbers() {
    numbers = cells.map((row) => row.map(() => null));
    pad(0);
    frame.hidden = true;
    paintAll();
    closeWhy();
  }

  function mark({ cells: marked = [], window: area, target } = {}) {
    eachCell((cell) => cell.classList.remove("is-marked", "is-target"));
    for (const [row, column] of marked) cells[row]?.[column]?.classList.add("is-marked");
    if (target) cells[target[0]]?.[target[1]]?.classList.add("is-target");
    if (keys) keys.follow(target, Boolean(target || area || marked.length > 0));
    frame.hidden = !area;
    for (const key of ["row", "column", "rows", "columns"]) {
      if (area) frame.style.setProperty(`--${key}`, area[key]);
    }
  }

  function value() {
    return numbers.map((row) => [...row]);
  }

  // The table

  function shape(height, width) {
    const corner = el("th", { scope: "col" }, el("span", { class: "unseen" }, "row, column"));
    const columnHeads = Array.from({ length: width }, (_, column) =>
      el("th", { scope: "col" }, column));
    cells = Array.from({ length: height }, (_, row) =>
      Array.from({ length: width }, (_, column) => makeCell(row, column)));
    clear(table).append(
      el("thead", {}, el("tr", {}, corner, columnHeads)),
      el("tbody", {}, cells.map((row, index) =>
        el("tr", {}, el("th", { scope: "row" }, index), row))));
    element.style.setProperty("--rows", height);
    element.style.setProperty("--columns", width);
    if (keys) keys.renew(cells);
  }

  function makeCell(row, column) {
    const cell = el("td", { "data-row": row, "data-column": column });
    if (isEditable) {
      cell.append(el("input", {
        type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
        "aria-label": `${title}, row ${row}, column ${column}`,
      }));
    }
    return cell;
  }

  function paint(cell, row, column) {
    const n = numbers[row][column];
    const isMissing = n === null;
    const text = textOf(n);
    const colour = isMissing || Number.isNaN(n) || kind === "plain" ? undefined
      : kind === "pixels" ? grey(n) : signed(n, scale);
    const isNew = cell.dataset.value !== String(n);
    if (isMissing) delete cell.dataset.value;
    else cell.dataset.value = n;
    cell.classList.toggle("is-missing", isMissing);
    cell.classList.toggle("is-nan", Number.isNaN(n));
    cell.style.setProperty("--colour", colour ? css(colour) : "");
    cell.style.setProperty("--ink-on", colour ? ink(colour) : "");
    const field = cell.firstElementChild;
    if (!field) {
      if (cell.textContent !== text) cell.textContent = text;
    } else if (document.activeElement !== field || (isNew && typed(field.value) !== n)) {
      field.value = text;
      field.removeAttribute("aria-invalid");
    }
  }

  /** What stands in a cell: in fields every digit, elsewhere as many as a square has room for. */
  function textOf(n) {
    if (n === null) return missing;
    if (Number.isNaN(n)) return "NaN";
    if (kind === "pixels") return plain(n, 2);
    if (isEditable) return entered(n);
    const print = hasSign ? number : plain;
    const text = [3, 2].map((digits) => print(n, digits)).find((each) => each.length <= 7);
    const isLarge = Math.abs(n) >= 100 && Math.abs(n) < 1e6;
    return text ?? print(isLarge ? Math.round(n) : n, 2);
  }

  /** All of a matrix's numbers in one size of type: that of the longest. */
  function paintAll() {
    eachCell(paint);
    const longest = Math.max(...numbers.flat().map((n) => textOf(n).length));
    element.dataset.length = Math.min(9, Math.max(4, longest));
    closeOutdatedWhy();
  }

  /** Rings of zeros around the matrix, drawn beneath it: they are no cells of it. */
  function pad(rings) {
    element.style.setProperty("--padding", rings);
    element.classList.toggle("is-padded", rings > 0);
    clear(ghosts);
    if (rings === 0) return;
    const [height, width] = [cells.length, cells[0].length];
    for (let row = -rings; row < height + rings; row += 1) {
      for (let column = -rings; column < width + rings; column += 1) {
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        ghosts.append(el("span", { class: isInside ? "is-inside" : null }, isInside ? "" : "0"));
      }
    }
  }

  /** A number that is typed is taken at once, whatever stands in the field until it is left. */
  function onType(event) {
    const { row, column } = event.target.closest("td").dataset;
    const n = typed(event.target.value);
    withdraw();
    if (n === undefined) event.target.setAttribute("aria-invalid", "true");
    else event.target.removeAttribute("aria-invalid");
    if (n === undefined || n === numbers[row][column]) return;
    numbers[row][column] = n;
    scale = Math.max(scale, Math.abs(n));
    paintAll();
    onEdit?.(value());
  }

  /**
   * What makes no number is not kept: the field shows again what the page computes with, and words
   * say why. While another window is in front, the field is still the one that is typed in.
   */
  function onLeave(event) {
    if (document.activeElement === event.target) return;
    const { row, column } = event.target.closest("td").dataset;
    const written = event.target.value;
    paint(cells[row][column], Number(row), Number(column));
    if (typed(written) === undefined) refuse(written, row, column);
  }

  function refuse(written, row, column) {
    complain(table, `${refusal(written)}; ${title}, row ${row}, column ${column}, stays `
      + `${textOf(numbers[row][column])}.`);
  }

  function ask(row, column) {
    const field = cells[row][column].firstElementChild;
    if (field?.hasAttribute("aria-invalid")) return refuse(field.value, row, column);
    if (!why || numbers[row][column] === null) return;
    openWhy(cells[row][column], `${title}, row ${row}, column ${column}`, why(row, column));
  }

  function eachCell(body) {
    cells.forEach((row, r) => row.forEach((cell, c) => body(cell, r, c)));
  }

  return { element, set, clear: clearNumbers, mark, value };
}
