// A term of an equation.

import { el } from "../dom.js";

/**
 * An operator and what it is applied to, which do not part at a line's end.
 *
 * @param {string} operator
 * @param {HTMLElement} operand
 * @returns {HTMLElement}
 */
export function term(operator, operand) {
  return el("div", { class: "term" }, el("span", { class: "operator" }, operator), operand);
}
