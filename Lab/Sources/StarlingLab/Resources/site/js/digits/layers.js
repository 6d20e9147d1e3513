// How the numbers of a layer are laid out. A layer's answer is a shape and its numbers in one row;
// what is shown are maps. Only positions are worked out here, never a number.

/**
 * A layer's numbers as maps.
 *
 * @param {{shape: number[], values: number[]}} layer of depth×height×width
 * @returns {number[][][]}
 */
export function maps({ shape, values }) {
  const [depth, height, width] = shape;
  const area = height * width;
  return Array.from({ length: depth }, (_, j) =>
    rows(values.slice(j * area, (j + 1) * area), width));
}

/** A row of numbers, broken like a line of text: `width` of them a row. */
export function rows(values, width) {
  const count = Math.ceil(values.length / width);
  return Array.from({ length: count }, (_, n) => values.slice(n * width, (n + 1) * width));
}

/** A shape as one writes it: `5×26×26`. Takes `[5, 26, 26]` and `{depth, height, width}`. */
export function shapeText(shape) {
  const sides = Array.isArray(shape) ? shape : [shape.depth, shape.height, shape.width];
  return sides.join("×");
}

/**
 * Tells which cell of a picture is pressed, or dragged over.
 *
 * @param {HTMLCanvasElement} canvas shows `height` rows of `width` cells
 * @param {{height: number, width: number}} size
 * @param {(row: number, column: number) => void} onPick
 */
export function pickable(canvas, { height, width }, onPick) {
  const pick = (event) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    if (row >= 0 && row < height && column >= 0 && column < width) onPick(row, column);
  };
  canvas.addEventListener("pointerdown", pick);
  canvas.addEventListener("pointermove", (event) => event.buttons === 1 && pick(event));
}
