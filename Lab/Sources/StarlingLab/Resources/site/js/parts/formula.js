// Formulas whose symbols light up what they stand for.

import { el } from "../dom.js";

/**
 * A formula in MathML, as a block: give what stands in `<math>`. An element with `data-symbol="X"`
 * in it can be focused or hovered, which lights everything with the same symbol: grids by their
 * name, source lines by theirs, other formulas.
 *
 * @param {string} mathML written by the page, never by anybody else
 * @param {{label?: string}} [options] `label`: the formula read aloud, where MathML is read badly
 * @returns {HTMLElement}
 */
export function formula(mathML, { label } = {}) {
  const template = el("template");
  template.innerHTML = `<math display="block">${mathML}</math>`;
  const math = template.content.querySelector("math");
  if (label) math.setAttribute("aria-label", label);
  for (const symbol of math.querySelectorAll("[data-symbol]")) symbol.setAttribute("tabindex", "0");
  const element = el("div", { class: "formula" }, template.content);
  new ResizeObserver(() => fit(element, math)).observe(element);
  return element;
}

/** Smaller type where the line is too short for the formula; it scrolls where even that is. */
function fit(element, math) {
  element.style.setProperty("--fit", 1);
  const share = (element.clientWidth - 12) / math.getBoundingClientRect().width;
  element.style.setProperty("--fit", Math.max(0.65, Math.min(1, share)));
}

/** Lights everything with one of the symbols (separated by spaces), and nothing else. */
function light(symbols) {
  const wanted = new Set(symbols?.split(" ") ?? []);
  for (const node of document.querySelectorAll("#content [data-symbol]")) {
    node.classList.toggle("is-lit", node.dataset.symbol.split(" ").some((s) => wanted.has(s)));
  }
}

/** What lights: a formula's symbol, and a grid's caption, which lights the formula in turn. */
function lighter(node) {
  const captions = ".grid > figcaption, .image > figcaption, .space > figcaption";
  const reached = node?.closest?.(`.formula [data-symbol], ${captions}`);
  return reached?.closest("[data-symbol]")?.dataset.symbol;
}

const focused = () => lighter(document.activeElement);
document.addEventListener("focusin", (event) => light(lighter(event.target)));
document.addEventListener("focusout", () => light());
document.addEventListener("pointerover", (event) => light(lighter(event.target) ?? focused()));
