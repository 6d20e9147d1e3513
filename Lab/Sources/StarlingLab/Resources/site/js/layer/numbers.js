// The numbers that somebody types on pages 3, 5 and 6: X, K, and B or dE/dY, and how their sizes go
// together.

import { el } from "../dom.js";
import { button, row, slider } from "../parts.js";

/**
 * What is typed: `x` a volume, `k` kernels, and on some pages `b` (a number a position, or one a
 * map) and `dY`, both of the output's shape.
 * @typedef {{x: number[][][], k: number[][][][], b?: number[][][], dY?: number[][][]}} Numbers
 */

/** The example that the whole lesson runs through, as the address writes it. */
export const smallExample = { x: "1 6 2; 5 3 1; 7 0 4", k: "1 2; -1 0", b: "0 0; 0 0", dY: "1 0; 2 "
  + "-1" };

/** Two channels in, two maps out. */
export const twoByTwo = {
  x: "1 6 2; 5 3 1; 7 0 4 | 0 2 1; 3 -1 2; 1 0 -2",
  k: "1 2; -1 0 | 0 1; 1 -1 || -1 1; 0 2 | 2 0; -1 1",
  b: "1 1; 1 1 | -2 -2; -2 -2",
  dY: "1 0; 2 -1 | 0 1; -1 1",
};

/** The sizes of what is typed, and of what comes out. */
export function sizesOf({ x, k }) {
  const [rows, columns] = [x[0].length, x[0][0].length];
  const [kernelRows, kernelColumns] = [k[0][0].length, k[0][0][0].length];
  return {
    channels: x.length, kernels: k.length, rows, columns, kernelRows, kernelColumns,
    outputRows: rows - kernelRows + 1, outputColumns: columns - kernelColumns + 1,
  };
}

/** A number's name by its place: `X[0][1, 2]`. */
export function cell(name, { row: r, column: c }) {
  return `${name}[${r}, ${c}]`;
}

/** Whether there are so many numbers that their grids have to stand closer. */
export function areMany(numbers) {
  const { channels, kernels, rows, columns } = sizesOf(numbers);
  return channels > 1 || kernels > 1 || Math.max(rows, columns) > 4;
}

/**
 * The numbers with other sizes, and whatever hangs on them fitted. Numbers keep their places; those
 * that find none are gone, and new ones are digits that somebody could have typed: a bias is like
 * its map's first.
 *
 * @param {Numbers} numbers
 * @param {Object} [wanted] some of what `sizesOf` gives; without it, whatever does not go together
 *   is fitted
 * @param {boolean} [isTied] whether `b` is one number a map
 * @returns {Numbers}
 */
export function fitted(numbers, wanted = {}, isTied = false) {
  const size = { ...sizesOf(numbers), ...wanted };
  const kernelRows = Math.min(size.kernelRows, size.rows);
  const kernelColumns = Math.min(size.kernelColumns, size.columns);
  const output = [size.rows - kernelRows + 1, size.columns - kernelColumns + 1];
  const fit = {
    x: cut(numbers.x, size.channels, size.rows, size.columns, digit),
    k: Array.from({ length: size.kernels }, (_, j) =>
      cut(numbers.k[j] ?? [], size.channels, kernelRows, kernelColumns,
        (i, r, c) => weight(j + 2 * i, r, c))),
  };
  if (numbers.b) {
    const first = (j) => numbers.b[j]?.[0][0] ?? 0;
    fit.b = cut(numbers.b, size.kernels, ...(isTied ? [1, 1] : output), first);
  }
  if (numbers.dY) fit.dY = cut(numbers.dY, size.kernels, ...output, weight);
  return fit;
}

/** Fits the numbers of the address to each other, and says which of them did not fit. */
export function begin(ctx, numbers, isTied = false) {
  const fit = fitted(numbers, {}, isTied);
  const isOther = (key) => JSON.stringify(fit[key]) !== JSON.stringify(numbers[key]);
  ctx.doubt(Object.keys(fit).filter(isOther));
  Object.assign(numbers, fit);
}

/**
 * Sliders for the sizes, behind a line that opens them.
 *
 * @param {{sizes: Object, onInput: (wanted: Object) => void}} options `sizes` as `sizesOf` gives
 *   them; `onInput` has what `fitted` takes
 * @returns {{element: HTMLElement, set: (sizes: Object) => void}}
 */
export function sizeSliders({ sizes, onInput }) {
  const sliders = {
    channels: slider({
      label: "Input channels, i", min: 1, max: 4, value: sizes.channels,
      onInput: (channels) => onInput({ channels }),
    }),
    kernels: slider({
      label: "Kernels, j", min: 1, max: 4, value: sizes.kernels,
      onInput: (kernels) => onInput({ kernels }),
    }),
    rows: slider({
      label: "Side of X", min: 1, max: 8, value: sizes.rows,
      onInput: (side) => onInput({ rows: side, columns: side }),
    }),
    kernelRows: slider({
      label: "Side of K", min: 1, max: 5, value: sizes.kernelRows,
      onInput: (side) => onInput({ kernelRows: side, kernelColumns: side }),
    }),
  };
  const element = el("details", { class: "sizes" },
    el("summary", {}, "Other sizes, more channels"),
    row(Object.values(sliders).map((each) => each.element)));

  function set(now) {
    for (const [name, each] of Object.entries(sliders)) each.set(now[name]);
  }

  return { element, set };
}

/**
 * A button for each example.
 *
 * @param {{name: string}[]} examples
 * @param {(example: Object) => void} onOpen
 * @returns {HTMLElement}
 */
export function exampleButtons(examples, onOpen) {
  return row(examples.map((each) =>
    button({ label: each.name, onClick: () => onOpen(each) }).element));
}

function cut(volume, depth, rows, columns, filler) {
  return Array.from({ length: depth }, (_, channel) =>
    Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_, c) =>
        volume[channel]?.[r]?.[c] ?? filler(channel, r, c))));
}

const digits = [..."31415926535897932384626433832795028841971693993751"].map(Number);
const weights = [1, -1, 2, 0, -2, 1, 0, 3, -1, 2, -3, 1];

/** A number to begin with where nobody has typed one. */
function digit(channel, r, c) {
  return digits[(11 * channel + 8 * r + c) % digits.length];
}

/** The same, of either sign. */
function weight(channel, r, c) {
  return weights[(5 * channel + 3 * r + c) % weights.length];
}
