// The source beside the formula: the file that was compiled, with the line that is at work marked.

import { clear, el, id } from "../dom.js";
import { get } from "../api.js";
import { computed } from "../page.js";

/**
 * A file of LineByLine.
 *
 * @param {string} file `ConvolutionalLayer.swift`
 * @param {{lines?: number[], around?: number, symbols?: Object<number, string>, label?: string}}
 *   [options] `lines`: the lines that matter here: they are shown, with `around` lines before and
 *   after each, three if left out, and the rest on demand; `symbols`: the symbols of a line,
 *   separated by spaces, `{33: "Y X K"}`
 * @returns {{element: HTMLElement, set: (current?: number|{file: string, number: number}|Array) =>
 *   void}} `set` marks a line or several (numbers, or the `lines` of an answer: those of other
 *   files are passed over), none if left out. It may come before the text has.
 */
export function source(file, { lines = [], around = 3, symbols = {}, label } = {}) {
  const headingId = id("source");
  const list = el("ol", { class: "listing" });
  const more = el("button", {
    type: "button", class: "quiet", hidden: true, "aria-expanded": "false",
    on: { click: () => showAll(more.getAttribute("aria-expanded") === "false") },
  });
  // What scrolls must be reachable without a mouse.
  const scroller = el("div", {
    class: "scroller", tabindex: "0", role: "region", "aria-labelledby": headingId,
  }, list);
  const element = el("section", { class: "source" },
    el("h2", { class: "source-name", id: headingId }, label && `${label} `, el("code", {}, file)),
    scroller, more);

  const isNear = (number) => lines.some((line) => Math.abs(line - number) <= around);
  let items = [];
  let current = [];

  computed(() => get(`/api/source/${encodeURIComponent(file)}`), (answer) => {
    items = answer.lines.map((text, index) => item(text, index + 1));
    clear(list).append(...items);
    more.hidden = lines.length === 0 || items.every((_, index) => isNear(index + 1));
    showAll(lines.length === 0);
    mark();
  }, { isText: true, key: headingId });

  function item(text, number) {
    const code = el("code", {}, coloured(text));
    code.style.setProperty("--indent", `${text.search(/\S|$/) + 4}ch`);
    return el("li", {
      "data-line": number, "data-symbol": symbols[number], value: number,
      class: lines.includes(number) ? "is-named" : null,
    }, code);
  }

  function showAll(isAll) {
    items.forEach((node, index) => {
      node.hidden = !isAll && !isNear(index + 1);
    });
    more.setAttribute("aria-expanded", String(isAll));
    more.textContent = isAll ? "Show these lines only" : `Show all ${items.length} lines`;
  }

  function set(now = []) {
    current = [now].flat()
      .filter((line) => typeof line === "number" || line.file === file)
      .map((line) => line.number ?? line);
    mark();
  }

  function mark() {
    items.forEach((node, index) => {
      const isCurrent = current.includes(index + 1);
      node.classList.toggle("is-current", isCurrent);
      if (isCurrent) node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
    });
    const node = items[current[0] - 1];
    if (!node || node.hidden) return;
    // Only within the listing: the page itself must not move under the reader.
    const [top, bottom] = [node.offsetTop, node.offsetTop + node.offsetHeight];
    if (top < scroller.scrollTop || bottom > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = top - scroller.clientHeight / 2;
    }
  }

  return { element, set };
}

const keywords = new Set((
  "associatedtype case else enum extension false for func guard if import in init inout let "
  + "mutating nil package private precondition protocol public return self static struct "
  + "subscript switch throw throws true try typealias var where while"
).split(" "));

/** Remarks and keywords apart from the rest; more colour would say less. */
function coloured(text) {
  const [, code, remark] = /^(.*?)(\/\/.*)?$/.exec(text);
  const words = code.split(/(\b[a-z]+\b)/).map((word) =>
    keywords.has(word) ? el("span", { class: "keyword" }, word) : word);
  return [words, remark && el("span", { class: "remark" }, remark)];
}
