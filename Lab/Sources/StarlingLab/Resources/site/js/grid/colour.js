// The colours of signed values: negative blue, zero nearly white, positive brown, with zero pinned
// and the scale symmetric. The two ends are near-equal in lightness, so the sign is always printed
// as well.

import { parse } from "../format.js";

const negative = [0x21, 0x66, 0xac];
const zero = [0xf7, 0xf7, 0xf7];
const positive = [0xb3, 0x58, 0x06];

/**
 * The largest magnitude in numbers, matrices, volumes or kernels: the scale that an equation's
 * grids share. At least 1e-12, so that one may divide by it.
 */
export function scaleOf(...values) {
  const finite = values.flat(Infinity).map(parse).filter(Number.isFinite);
  return finite.reduce((largest, n) => Math.max(largest, Math.abs(n)), 1e-12);
}

/** The colour [r, g, b] of a signed value, at full strength from `scale` upwards. */
export function signed(n, scale) {
  const share = Math.min(1, Math.abs(n) / scale);
  const end = n < 0 ? negative : positive;
  return zero.map((from, channel) => Math.round(from + (end[channel] - from) * share));
}

/** The grey [r, g, b] of a pixel from 0, black, to 1, white. */
export function grey(n) {
  const level = Math.round(255 * Math.min(1, Math.max(0, n)));
  return [level, level, level];
}

/**
 * Black or white, whichever is read more easily on the colour: the contrast is 4.58 or more on any.
 * By WCAG's relative luminance.
 */
export function ink(colour) {
  const [r, g, b] = colour.map((level) => {
    const c = level / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? "#fff" : "#000";
}

/** A colour as CSS. */
export function css(colour) {
  return `rgb(${colour.join(" ")})`;
}
