// Ink on paper: strokes as points, and the pixels that they colour.
//
// The pen stamps one dot, pixel by pixel, on whole positions, and of two stamps the darker stays. A
// canvas's own lines are smoothed by a rule that differs by a hair from place to place; here a
// drawing moved by whole pixels is the same drawing, to the last bit of its PNG. That is what makes
// "the same ring, elsewhere" a fair question to the network.

/** Width and height of the paper, in pixels. */
export const side = 280;

/** How far the pen's ink reaches from its middle: strokes come out about as wide as MNIST's. */
const radius = 11;

const stamp = makeStamp();

/**
 * The paper's ink after some strokes, row by row: 0 is bare, 255 is full.
 *
 * @param {number[][][]} strokes each a list of `[x, y]`, whole numbers from 0 to 279
 * @returns {Uint8ClampedArray}
 */
export function ink(strokes) {
  const paper = new Uint8ClampedArray(side * side);
  for (const stroke of strokes) {
    stroke.forEach((point, n) => line(paper, stroke[Math.max(0, n - 1)], point));
  }
  return paper;
}

/**
 * Shows the ink on a canvas of 280×280.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8ClampedArray} paper
 * @param {boolean} isDarkOnLight black ink on white, or white on black
 */
export function show(canvas, paper, isDarkOnLight) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(side, side);
  paper.forEach((amount, n) => {
    const shade = isDarkOnLight ? 255 - amount : amount;
    image.data.set([shade, shade, shade, 255], 4 * n);
  });
  context.putImageData(image, 0, 0);
}

/**
 * The strokes moved by whole pixels, or undefined where there is no room on the side that they are
 * moved to.
 *
 * @param {number[][][]} strokes
 * @param {number} right
 * @param {number} down
 */
export function moved(strokes, right, down) {
  const there = strokes.map((stroke) => stroke.map(([x, y]) => [x + right, y + down]));
  const hasRoom = (n, by) => by === 0 || (by < 0 ? n >= radius : n < side - radius);
  const fits = there.flat().every(([x, y]) => hasRoom(x, right) && hasRoom(y, down));
  return fits ? there : undefined;
}

/**
 * Strokes as text for the address: two digits to the base 36 a number, strokes parted by a dot. 280
 * is less than 36².
 */
export function print(strokes) {
  const digits = (n) => n.toString(36).padStart(2, "0");
  return strokes.map((stroke) => stroke.flat().map(digits).join("")).join(".");
}

/** What `print` wrote; undefined when it is anything else. */
export function parse(text) {
  if (text === "") return [];
  const strokes = text.split(".").map((part) => {
    if (!/^([0-9a-z]{4})+$/.test(part)) return undefined;
    const numbers = part.match(/../g).map((digits) => parseInt(digits, 36));
    return Array.from({ length: numbers.length / 2 }, (_, n) => numbers.slice(2 * n, 2 * n + 2));
  });
  const isDrawing = strokes.every((stroke) => stroke?.flat().every((n) => n < side));
  return isDrawing ? strokes : undefined;
}

/** Drawings to begin with, so that nobody has to own a mouse to see what happens. */
export const examples = {
  ring: [ellipse(140, 140, 62, 84)],
  stroke: [[[150, 52], [146, 110], [142, 170], [138, 228]]],
  corner: [ellipse(52, 58, 30, 40)],
  seven: [[[82, 72], [200, 72], [172, 120], [148, 170], [132, 224]]],
};

function ellipse(x, y, a, b) {
  const steps = 48;
  return Array.from({ length: steps + 1 }, (_, n) => {
    const angle = (2 * Math.PI * n) / steps;
    return [Math.round(x + a * Math.sin(angle)), Math.round(y - b * Math.cos(angle))];
  });
}

/** Stamps every whole position on the way from one point to another. */
function line(paper, [x0, y0], [x1, y1]) {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let n = 0; n <= steps; n += 1) {
    // The way is worked out from the difference alone, which is the same wherever the stroke
    // stands.
    const x = x0 + Math.round(((x1 - x0) * n) / steps);
    const y = y0 + Math.round(((y1 - y0) * n) / steps);
    dot(paper, x, y);
  }
}

function dot(paper, x, y) {
  for (const { right, down, amount } of stamp) {
    const column = x + right;
    const row = y + down;
    if (column < 0 || row < 0 || column >= side || row >= side) continue;
    const n = row * side + column;
    if (amount > paper[n]) paper[n] = amount;
  }
}

/** A round dot whose edge fades over one pixel. */
function makeStamp() {
  const dots = [];
  for (let down = -radius; down <= radius; down += 1) {
    for (let right = -radius; right <= radius; right += 1) {
      const amount = Math.round(255 * Math.min(1, Math.max(0, radius - Math.hypot(right, down))));
      if (amount > 0) dots.push({ right, down, amount });
    }
  }
  return dots;
}
