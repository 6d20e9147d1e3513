// The pieces of a page's text, so that ten pages look like one book.

import { el, id } from "../dom.js";
import { missing, number } from "../format.js";
import { register } from "../page.js";

/**
 * A computed number in running text, `<output data-value-of="error">+1.25</output>`; "—" until it
 * is set, and after a failure.
 *
 * @param {string} name the element's `data-value-of`
 * @param {(n: any) => string} [format] `number` if left out
 * @returns {{element: HTMLElement, set: (n: any) => void, clear: () => void}}
 */
export function output(name, format = number) {
  // Not read out at each change: a page has many, and says itself what matters.
  const element = el("output", {
    class: "figure", "data-value-of": name, "aria-live": "off",
  }, missing);
  const set = (n) => { element.textContent = format(n); };
  const clear = () => { element.textContent = missing; };
  register(clear);
  return { element, set, clear };
}

/**
 * The usual answer to "why this number?": the products and their running sum.
 *
 * @param {{title: string|Node, terms: {left: number, right: number, product: number, sum: number,
 *   leftName?: string, rightName?: string, isPadding?: boolean}[], note?: string|Node,
 *   start?: {name: string, value: number}}} options `start`: what the sum begins with, a bias
 * @returns {HTMLElement}
 */
export function products({ title, terms, note: remark, start }) {
  const factor = (name, n) => [name && el("span", { class: "factor-name" }, name, " "), number(n)];
  const rows = terms.map((term) => el("tr", { class: term.isPadding ? "is-padding" : null },
    el("td", {}, factor(term.leftName, term.left)), el("td", {}, "·"),
    el("td", {}, factor(term.rightName, term.right)), el("td", {}, "="),
    el("td", {}, number(term.product)), el("td", { class: "sum" }, number(term.sum))));
  const begin = start && el("tr", {},
    el("td", { colspan: 5 }, "begins with ", start.name),
    el("td", { class: "sum" }, number(start.value)));
  const titleId = id("products");
  return el("div", { class: "products" },
    el("p", { class: "products-title", id: titleId }, title),
    el("table", { "aria-labelledby": titleId },
      el("thead", {}, el("tr", {}, el("th", { scope: "col", colspan: 5 }, "product"),
        el("th", { scope: "col", class: "sum" }, "sum so far"))),
      el("tbody", {}, begin, rows)),
    remark && note(remark));
}

/** A part of the page with a heading of level 2. @returns {HTMLElement} */
export function section(heading, ...children) {
  return el("section", { class: "part" }, el("h2", {}, heading), children);
}

/**
 * Grids and operators in a line that wraps, but never between an operator and what follows it:
 * `equation(x.element, "⋆", k.element, "=", y.element)`.
 * @returns {HTMLElement}
 */
export function equation(...children) {
  const element = el("div", { class: "equation" });
  let term;
  for (const child of children.flat()) {
    const isOperator = !(child instanceof Node);
    if (isOperator) {
      term = el("div", { class: "term" }, el("span", { class: "operator" }, child));
      element.append(term);
    } else {
      (term ?? element).append(child);
      term = undefined;
    }
  }
  return element;
}

/** Controls in a row that wraps. @returns {HTMLElement} */
export function row(...children) {
  return el("div", { class: "row" }, children);
}

/** A quiet remark. @returns {HTMLElement} */
export function note(...children) {
  return el("p", { class: "note" }, children);
}

/** What the deck has wrong here, and what holds. @returns {HTMLElement} */
export function deckSays(says, holds) {
  return el("dl", { class: "erratum" },
    el("div", {}, el("dt", {}, "The deck says"), el("dd", {}, says)),
    el("div", {}, el("dt", {}, "What holds"), el("dd", {}, holds)));
}
