// Whether a gradient agrees with its finite difference.

import { clear as empty, el } from "../dom.js";
import { missing, parse, plain, scientific } from "../format.js";
import { written } from "../grid/matrix.js";
import { register } from "../page.js";

/**
 * What a check says of a gradient. Of some numbers a finite difference can tell nothing, which is
 * neither good nor bad.
 */
const words = { pass: "PASS", fail: "FAIL", unmeasurable: "NOT MEASURABLE" };

/**
 * A gradient's check: `<output data-check="dK" data-result="pass" data-max-relative-error="2e-11"
 * data-tolerance="0.000001">`.
 *
 * @param {string} name `dK`, …
 * @param {string} [label] what agrees or not; `dE/dK` for `dK` if left out
 * @returns {{element: HTMLElement, set: (check: {maxRelativeError: number|string, tolerance:
 *   number, result: "pass"|"fail"|"unmeasurable"}) => void, clear: () => void}}
 */
export function check(name, label = written(name)) {
  const verdict = el("strong", { class: "result" });
  const error = el("span", { class: "figure" });
  const tolerance = el("span", { class: "figure" });
  const figures = el("span", { class: "check-error" },
    "relative error ", error, ", allowed ", tolerance);
  const reason = el("span", { class: "check-error", hidden: true },
    "No finite difference can tell: rounding is as large as the slope, or a number stands at the "
      + "edge of what it may be.");
  // Not read out at each change: a page has many, and says itself what matters.
  const element = el("output", { class: "check", "data-check": name, "aria-live": "off" },
    verdict,
    el("span", { class: "check-name" }, label, " against finite differences"),
    figures, reason);

  function set(answer) {
    element.dataset.result = answer.result;
    element.dataset.maxRelativeError = answer.maxRelativeError;
    element.dataset.tolerance = answer.tolerance;
    verdict.textContent = words[answer.result];
    reason.hidden = answer.result !== "unmeasurable";
    figures.hidden = !reason.hidden;
    const worst = parse(answer.maxRelativeError);
    error.textContent = worst >= 0.001 ? plain(worst, 2) : scientific(worst);
    tolerance.textContent = scientific(answer.tolerance);
  }

  function clear() {
    for (const key of ["result", "maxRelativeError", "tolerance"]) delete element.dataset[key];
    reason.hidden = true;
    figures.hidden = false;
    for (const node of [verdict, error, tolerance]) empty(node).append(missing);
  }

  register(clear);
  clear();
  return { element, set, clear };
}
