// A picture whose pixels are too many for numbers in cells.

import { clear as empty, el } from "../dom.js";
import { missing, number, parse, plain } from "../format.js";
import { register } from "../page.js";
import { grey, scaleOf, signed } from "./colour.js";

/**
 * A picture: a canvas, and beside it a table (`data-grid`) of its numbers that is not seen but
 * read.
 *
 * @param {{name: string, label?: string, pixels?: number[][], kind?: "pixels"|"signed", channel?:
 *   number, size?: number}} options `kind` "pixels" is grey from 0 to 1, "signed" has the colours
 *   of signed values; `size` is the side on the screen in CSS pixels, 140 if left out
 * @returns {{element: HTMLElement, set: (pixels: number[][], options?: {scale?: number}) => void,
 *   clear: () => void, canvas: HTMLCanvasElement}}
 */
export function image({ name, label = name, pixels, kind = "pixels", channel = 0, size = 140 }) {
  const canvas = el("canvas", { width: 1, height: 1, class: "picture", "aria-hidden": "true" });
  const table = el("table", {
    "data-grid": name, "data-channel": channel, "aria-label": label || name,
  });
  const element = el("figure", { class: "image", "data-symbol": name, "data-kind": kind },
    canvas, el("div", { class: "unseen" }, table), label && el("figcaption", {}, label));
  canvas.style.setProperty("--size", `${size}px`);
  let cells = [];

  function set(matrix, { scale = scaleOf(matrix) } = {}) {
    const [height, width] = [matrix.length, matrix[0].length];
    if (cells.length !== height || cells[0].length !== width) shape(height, width);
    const data = new ImageData(width, height);
    matrix.forEach((row, r) => row.forEach((n, c) => {
      data.data.set([...colour(parse(n), scale, r + c), 255], 4 * (r * width + c));
      write(cells[r][c], parse(n));
    }));
    canvas.getContext("2d").putImageData(data, 0, 0);
    canvas.classList.remove("is-missing");
  }

  function clear() {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    canvas.classList.add("is-missing");
    for (const cell of cells.flat()) write(cell, undefined);
  }

  function colour(n, scale, diagonal) {
    if (n === undefined || Number.isNaN(n)) return hatching[diagonal % 2];
    return kind === "pixels" ? grey(n) : signed(n, scale);
  }

  function shape(height, width) {
    Object.assign(canvas, { width, height });
    cells = Array.from({ length: height }, (_, row) => Array.from({ length: width }, (_, column) =>
      el("td", { "data-row": row, "data-column": column })));
    const heads = Array.from({ length: width }, (_, column) => el("th", { scope: "col" }, column));
    empty(table).append(
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "row, column"), heads)),
      el("tbody", {}, cells.map((row, r) => el("tr", {}, el("th", { scope: "row" }, r), row))));
  }

  function write(cell, n) {
    cell.textContent = n === undefined ? missing : kind === "pixels" ? plain(n) : number(n);
    if (n === undefined) delete cell.dataset.value;
    else cell.dataset.value = n;
  }

  register(clear);
  shape(1, 1);
  if (pixels) set(pixels);
  else clear();
  return { element, set, clear, canvas };
}

/** What is not a number is hatched, in colours that no value has. */
const hatching = [[0x8a, 0x1c, 0x4a], [0xf0, 0xd0, 0xdc]];
