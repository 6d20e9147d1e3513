// The shell: which page an address names, and the way from one page to another.

import { ApiError, unreachable } from "./api.js";
import { clear, el } from "./dom.js";
import { withdraw } from "./grid/complaint.js";
import { closeWhy } from "./grid/why.js";
import { alertBox, announce, busy, computed, fail, leave, register } from "./page.js";
import { current, drop, flush, read, senseless, write } from "./state.js";
import { titles } from "./titles.js";

const place = Object.fromEntries(
  ["pages", "turn", "alert", "notice", "slide", "title", "question", "main", "source"]
    .map((id) => [id, document.getElementById(id)]));

const name = document.title;
let leaving = new AbortController();
let close;
/** The keys of the address that the open page could not read. */
let misread = [];

/** The number of the page that the address names; the first for an address that names none. */
function address() {
  const n = Number(/^\/(\d+)\/?$/.exec(location.pathname)?.[1]);
  return n >= 1 && n <= titles.length ? n : 1;
}

/**
 * Shows the page that the address names.
 * @param {boolean} isTurned whether another page was there before: then the heading takes the
 *   focus.
 */
async function show(isTurned) {
  const n = address();
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  close?.();
  close = undefined;
  closeWhy();
  leave();
  drop();

  title(n, titles[n - 1]);
  list(n);
  turn(n);
  misread = [];
  place.notice.textContent = "";
  place.slide.textContent = "";
  place.question.textContent = "";
  for (const id of ["main", "source"]) place[id] = renew(place[id]);
  // Not before: a field that is taken away with the focus in it may complain.
  withdraw();
  if (isTurned) {
    window.scrollTo(0, 0);
    place.title.focus({ preventScroll: true });
    announce(`Page ${n} of ${titles.length}: ${titles[n - 1]}`);
  }
  await busy(() => fill(n, signal));
}

/** Puts the page itself there, once its module has come. */
async function fill(n, signal) {
  try {
    const { default: page } = await load(n);
    if (signal.aborted) return;
    title(n, page.title);
    place.slide.textContent = page.slide ?? "";
    place.question.textContent = page.question ?? "";
    const { main, source } = place;
    const open = whileOpen({ write, doubt, announce, busy, computed, fail, register }, signal);
    const closed = await page.mount({ main, source, read: readAloud, signal, ...open });
    if (typeof closed !== "function") return;
    if (signal.aborted) closed();
    else close = closed;
  } catch (error) {
    if (!signal.aborted) fail(error);
  }
}

/** As `read`; what of the address cannot be read is told. */
function readAloud(schema) {
  doubt(senseless(schema));
  return read(schema);
}

/** Says which keys of the address make no sense, each by itself or all together. */
function doubt(keys) {
  const query = current();
  misread = [...new Set([...misread, ...keys.filter((key) => query.has(key))])];
  if (misread.length === 0) return;
  place.notice.textContent = `Not understood in the address: ${misread.join(", ")}. `
    + "The page began with what fits instead.";
}

/** A page's module, which comes from the server like any answer. */
async function load(n) {
  try {
    return await import(`./pages/p${n}.js`);
  } catch (error) {
    // What is wrong in the module itself is no TypeError of the import.
    throw error instanceof TypeError ? new ApiError(0, "", unreachable) : error;
  }
}

/** The same functions, which do nothing once the page is left: by then another page is open. */
function whileOpen(functions, signal) {
  return Object.fromEntries(Object.entries(functions).map(([key, work]) =>
    [key, (...all) => (signal.aborted ? undefined : work(...all))]));
}

/** A fresh element in the old one's place: what a page adds once it is left is seen by nobody. */
function renew(node) {
  const fresh = node.cloneNode(false);
  node.replaceWith(fresh);
  return fresh;
}

function title(n, text) {
  place.title.textContent = text;
  document.title = `${n} ${text} · ${name}`;
}

function list(current) {
  const items = titles.map((text, index) => el("li", {},
    el("a", {
      href: `/${index + 1}`, "aria-label": `${index + 1} ${text}`,
      "aria-current": index + 1 === current ? "page" : null,
    }, index + 1)));
  clear(place.pages).append(...items);
}

function turn(current) {
  const link = (n, rel, word) => titles[n - 1] && el("a", { href: `/${n}`, rel, class: rel },
    el("span", { class: "turn-word" }, word),
    el("span", { class: "turn-title" }, `${n}  ${titles[n - 1]}`));
  const links = [link(current - 1, "prev", "Previous"), link(current + 1, "next", "Next")];
  clear(place.turn).append(...links.filter(Boolean));
}

/** Links between pages turn the page; those with a modifier, and all others, stay the browser's. */
function follow(event) {
  const link = event.target.closest?.("a[href]");
  const hasModifier = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  const isPlain = event.button === 0 && !hasModifier && !event.defaultPrevented;
  if (!link || !isPlain || link.target || link.hasAttribute("download")) return;
  if (link.hash) return skip(event, link.hash);
  const url = new URL(link.href);
  if (url.origin !== location.origin || !/^\/\d+$/.test(url.pathname)) return;
  event.preventDefault();
  flush();
  history.pushState(null, "", url);
  show(true);
}

/** To a part of this page, without an entry in the history that Back would have to pass. */
function skip(event, hash) {
  event.preventDefault();
  const part = document.querySelector(hash);
  part?.focus();
  part?.scrollIntoView();
}

place.alert.append(alertBox.element);
document.addEventListener("click", follow);
window.addEventListener("popstate", () => show(true));
show(false);
