// Numbers as the page prints them. The sign is always there, for colour alone tells no sign: "+"
// before what is positive, "−" (U+2212) before what is negative, nothing before zero. What has not
// been computed is "—", so that no number is ever shown that nobody has worked out.

/** What stands where a number is missing. */
export const missing = "—";

/**
 * A number with its sign: `+1.25`, `−3`, `0`, `—`, `∞`, `−∞`, `not a number`.
 *
 * From 1 upwards with at most `digits` decimals, below with `digits` significant digits, so that no
 * number but zero is printed as zero; without trailing zeros; below 0.001 and from 1,000,000 as a
 * power of ten. Takes the server's words for what is not finite.
 *
 * @param {number|string|null|undefined} n
 * @param {number} [digits]
 * @returns {string}
 */
export function number(n, digits = 3) {
  const value = parse(n);
  const text = plain(n, digits);
  return value > 0 && Number.isFinite(value) ? `+${text}` : text;
}

/** As `number`, without the plus. */
export function plain(n, digits = 3) {
  const value = parse(n);
  if (value === undefined) return missing;
  if (Number.isNaN(value)) return "not a number";
  const magnitude = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (magnitude === Infinity) return `${sign}∞`;
  if (magnitude === 0) return "0";
  if (magnitude < 0.001 || magnitude >= 1e6) return sign + power(magnitude, digits - 1);
  const text = magnitude >= 1 ? magnitude.toFixed(digits) : magnitude.toPrecision(digits);
  return sign + shortest(text);
}

/** As `number`, with every digit, and so that it can be typed again: what a field shows. */
export function entered(n) {
  const value = parse(n);
  if (value === undefined || !Number.isFinite(value)) return number(n);
  return (value > 0 ? "+" : "") + String(value).replace(/^-/, "−");
}

/** A number of things: `341,727`. */
export function count(n) {
  const value = parse(n);
  if (value === undefined || !Number.isFinite(value)) return plain(n);
  const grouped = String(Math.round(Math.abs(value))).replace(/\B(?=(\d{3})+$)/g, ",");
  return value < 0 ? `−${grouped}` : grouped;
}

/** A share of one as a percentage: `99.76 %`, with a space that does not break. */
export function percent(n, decimals = 2) {
  const value = parse(n);
  if (value === undefined || !Number.isFinite(value)) return plain(n);
  const text = shortest(Math.abs(100 * value).toFixed(decimals));
  return `${value < 0 && text !== "0" ? "−" : ""}${text}\u00a0%`;
}

/** `2.1·10⁻¹¹`; zero is `0`. */
export function scientific(n, digits = 2) {
  const value = parse(n);
  if (value === undefined || !Number.isFinite(value) || value === 0) return plain(n);
  return (value < 0 ? "−" : "") + power(Math.abs(value), digits - 1);
}

/** The largest magnitude that the server takes. */
const largest = 1e6;

/**
 * What somebody typed, as a number: takes "−3", "-3", "+3", "1,5" and "1e-3"; undefined for
 * anything else, and for what is larger than the server takes.
 * @param {string} text
 * @returns {number|undefined}
 */
export function typed(text) {
  const value = decimal(text);
  return Math.abs(value) <= largest ? value : undefined;
}

/**
 * Why something typed is not taken, as a sentence's beginning: `“abc” is no number`.
 * @param {string} text what `typed` has no number for
 * @returns {string}
 */
export function refusal(text) {
  const word = text.trim();
  if (word === "") return "An empty cell is no number";
  const quoted = `“${word.length > 20 ? `${word.slice(0, 20)}…` : word}”`;
  return decimal(word) === undefined
    ? `${quoted} is no number` : `${quoted} is beyond ±${largest}`;
}

function decimal(text) {
  const plainText = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const isDecimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plainText);
  return isDecimal ? Number(plainText) : undefined;
}

/**
 * A number of an answer as a JavaScript number: the server writes `"NaN"`, `"Infinity"`,
 * `"-Infinity"` where JSON has no number. undefined where there is none.
 * @param {number|string|null|undefined} n
 * @returns {number|undefined}
 */
export function parse(n) {
  if (typeof n === "number") return n;
  return n === "NaN" || n === "Infinity" || n === "-Infinity" ? Number(n) : undefined;
}

function shortest(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function power(magnitude, decimals) {
  const [mantissa, exponent] = magnitude.toExponential(Math.max(0, decimals)).split("e");
  const raised = (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]);
  const digits = [...String(Number(exponent))].map(raised);
  const factor = shortest(mantissa);
  return `${factor === "1" ? "" : `${factor}·`}10${digits.join("")}`;
}
