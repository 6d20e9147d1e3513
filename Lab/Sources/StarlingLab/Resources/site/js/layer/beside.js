// A gradient beside its finite difference.

import { el } from "../dom.js";
import { check, equation } from "../parts.js";

/** The answer to "why this number?" of a finite difference. */
export const whyMeasured = "The error with this number a little larger, less the error with it a "
  + "little smaller, divided by the distance between the two. No derivation is in it.";

/**
 * The check's verdict, and under it gradient ≈ measured, or ≉ if the check fails, or ? if it can
 * tell nothing.
 *
 * @param {string} name the check's, `dK`
 * @param {{element: HTMLElement}} gradient its grids, which the page sets
 * @param {{element: HTMLElement, set: Function}} measured grids for the finite difference
 * @returns {{element: HTMLElement, set: (check: Object, scale: number) => void}} `set` has the
 *   answer's check
 */
export function beside(name, gradient, measured) {
  const verdict = check(name);
  const sign = el("span", { class: "operator" }, "≈");
  const element = el("div", {}, verdict.element,
    equation(gradient.element, el("div", { class: "term" }, sign, measured.element)));

  function set(found, scale) {
    verdict.set(found);
    measured.set(found.measured, { scale });
    sign.textContent = { pass: "≈", fail: "≉" }[found.result] ?? "?";
  }

  return { element, set };
}
