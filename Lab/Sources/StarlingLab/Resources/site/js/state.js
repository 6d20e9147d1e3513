// The query is the state: what a page shows follows from its address, and a link restores it
// exactly.

/**
 * One key of a schema: its default, how to read it out of the query (undefined for what makes no
 * sense, which then counts as absent), and how to write it.
 * @typedef {{default: any, parse: (text: string) => any, print: (value: any) => string}} Entry
 */

/**
 * The state in the address, by the schema's keys; what is absent or makes no sense has its default.
 *
 * `read({x: matrix("1 6 2; 5 3 1; 7 0 4"), mode: choice("valid", "same", "full"), step: integer(0,
 * 0, 9)})`
 *
 * @param {Object<string, Entry>} schema
 * @returns {Object<string, any>}
 */
export function read(schema) {
  const query = current();
  return Object.fromEntries(Object.entries(schema).map(([key, entry]) => {
    const text = query.get(key);
    const value = text === null ? undefined : entry.parse(text);
    return [key, value === undefined ? structuredClone(entry.default) : value];
  }));
}

/** The schema's keys that the address names and whose text makes no sense. */
export function senseless(schema) {
  const query = current();
  return Object.keys(schema).filter((key) =>
    query.has(key) && schema[key].parse(query.get(key)) === undefined);
}

/**
 * Writes the state into the address, without a new entry in the history: only what differs from its
 * default. Keys of the query that the schema does not name stay, and keys of the schema that
 * `values` does not name stay as they are.
 *
 * @param {Object<string, Entry>} schema
 * @param {Object<string, any>} values
 */
export function write(schema, values) {
  const query = current();
  for (const [key, entry] of Object.entries(schema)) {
    if (!(key in values)) continue;
    const text = entry.print(values[key]);
    if (text === entry.print(entry.default)) query.delete(key);
    else query.set(key, text);
  }
  put(query);
}

/**
 * How long the address stays as it was written, in milliseconds. Browsers take only so many changes
 * (Safari 100 in 10 seconds) and then throw; a control that is dragged makes more.
 */
const pause = 150;

/** The query that the address has yet to be given. */
let waiting;
let timer;

/** The query as it is to be, which the address may say a moment later. */
export function current() {
  return new URLSearchParams(waiting ?? location.search);
}

/** Gives the address a query: at once, or when the last one has stood there for a while. */
export function put(query) {
  const search = query.toString();
  waiting = search && `?${search}`;
  if (timer === undefined) flush();
}

/** Writes what has waited: before the page is left. */
export function flush() {
  if (waiting === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  if (waiting !== location.search) {
    timer = setTimeout(() => {
      timer = undefined;
      flush();
    }, pause);
    try {
      history.replaceState(history.state, "", location.pathname + waiting);
    } catch {
      // Too many for this browser: after the pause once more.
      return;
    }
  }
  waiting = undefined;
}

/**
 * Forgets what has waited: the address is another page's by now. Of a change less than the pause
 * before somebody went back in the history, the page that was left knows nothing any more.
 */
export function drop() {
  waiting = undefined;
}

window.addEventListener("pagehide", flush);

/** A matrix, up to 8×8: rows by `;`, numbers by spaces. The default may be text or `[[n]]`. */
export function matrix(value) {
  return entry(value, parseMatrix, printMatrix);
}

/** A volume `[[[n]]]`: channels by `|`. */
export function volume(value) {
  return entry(value, parseVolume, printVolume);
}

/** Kernels `[[[[n]]]]`: outputs j by `||`, in each its channels i by `|`. */
export function kernels(value) {
  return entry(value, parseKernels, (outputs) => outputs.map(printVolume).join(" || "));
}

/** One of some words; the first is the default. */
export function choice(...options) {
  return entry(options[0], (text) => (options.includes(text) ? text : undefined), String);
}

/** A whole number from `min` to `max`. */
export function integer(value, min = -Infinity, max = Infinity) {
  return entry(value, (text) => {
    const n = /^-?\d+$/.test(text) ? Number(text) : NaN;
    return n >= min && n <= max ? n : undefined;
  }, String);
}

/** A number from `min` to `max`. */
export function number(value, min = -1e6, max = 1e6) {
  return entry(value, (text) => {
    const n = parseNumber(text);
    return n !== undefined && n >= min && n <= max ? n : undefined;
  }, String);
}

/** Text of at most so many characters. */
export function text(value = "", longest = 200) {
  return entry(value, (found) => (found.length <= longest ? found : undefined), String);
}

/** Yes or no. */
export function flag(value = false) {
  return entry(value, (found) => ({ 1: true, 0: false })[found], (on) => (on ? "1" : "0"));
}

function entry(value, parse, print) {
  const isText = typeof value === "string";
  return { default: isText ? parse(value) ?? value : value, parse, print };
}

function parseNumber(word) {
  const n = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : NaN;
  return Math.abs(n) <= 1e6 ? n : undefined;
}

function parseMatrix(text) {
  const rows = all(text.split(";"), (row) => all(row.trim().split(/\s+/), parseNumber));
  const width = rows?.[0].length;
  const isMatrix = rows?.length <= 8 && width <= 8 && rows.every((row) => row.length === width);
  return isMatrix ? rows : undefined;
}

function parseVolume(text) {
  const channels = all(text.split("|"), parseMatrix);
  const isVolume = channels?.every((channel) => channel.length === channels[0].length
    && channel[0].length === channels[0][0].length);
  return isVolume && channels.length <= 4 ? channels : undefined;
}

function parseKernels(text) {
  const outputs = all(text.split("||"), parseVolume);
  return outputs?.length <= 4 ? outputs : undefined;
}

function printMatrix(rows) {
  return rows.map((row) => row.join(" ")).join("; ");
}

function printVolume(channels) {
  return channels.map(printMatrix).join(" | ");
}

function all(items, parse) {
  const parsed = items.map(parse);
  return parsed.includes(undefined) ? undefined : parsed;
}
