// A number in running text, or the heading of a column of numbers, that can be asked where it comes
// from.

import { el } from "../dom.js";
import { missing } from "../format.js";
import { openWhy } from "../grid/why.js";

/**
 * The number as a button that opens the answer to "why this number?".
 *
 * @param {HTMLElement} figure what shows it
 * @param {string} title what it is, for whoever listens
 * @param {() => string|Node|undefined} why
 * @returns {HTMLElement}
 */
export function asked(figure, title, why) {
  const element = el("button", {
    type: "button", class: "asked", "aria-haspopup": "dialog",
    on: { click: () => figure.textContent !== missing && openWhy(element, title, why()) },
  }, el("span", { class: "unseen" }, `Why? ${title}: `), figure);
  return element;
}
