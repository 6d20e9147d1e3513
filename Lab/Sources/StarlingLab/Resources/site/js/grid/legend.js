// What the colours of an equation's grids stand for.

import { el } from "../dom.js";
import { missing, number } from "../format.js";
import { register } from "../page.js";

/**
 * A bar of the colours, with −scale, 0 and +scale at it.
 * @param {number} [scale]
 * @returns {{element: HTMLElement, set: (scale: number) => void, clear: () => void}}
 */
export function legend(scale) {
  const ends = [el("span", {}), el("span", {}, "0"), el("span", {})];
  const element = el("div", { class: "legend" },
    el("div", { class: "legend-bar", "aria-hidden": "true" }),
    el("div", { class: "legend-ends" }, ends));

  function set(n) {
    ends[0].textContent = number(-n);
    ends[2].textContent = number(n);
  }

  function clear() {
    ends[0].textContent = missing;
    ends[2].textContent = missing;
  }

  register(clear);
  if (scale === undefined) clear();
  else set(scale);
  return { element, set, clear };
}
