// Kernels as grids: a line for each output j, in it a grid for each input channel i.

import { el } from "../dom.js";
import { scaleOf, stack } from "../grid.js";

/**
 * Kernels. As `stack`, but
 *
 * - `set`, `value` and `onEdit` have kernels (`[[[[n]]]]`, by j and i);
 * - `onPick` and `why` have (j, i, row, column);
 * - `mark` has `{j, i, cells, window, target}`; without it nothing is marked;
 * - `label` may be a function of (j, i).
 *
 * @param {Object} options as for `stack`
 */
export function kernelGrids(options) {
  const { label, onEdit, onPick, why } = options;
  const element = el("div", { class: "kernels" });
  let stacks = [];

  function make(j) {
    return stack({
      ...options, kernel: j,
      label: typeof label === "function" ? (i) => label(j, i) : label,
      onEdit: onEdit && (() => onEdit(value())),
      onPick: onPick && ((i, row, column) => onPick(j, i, row, column)),
      why: why && ((i, row, column) => why(j, i, row, column)),
    });
  }

  function set(kernels, settings = {}) {
    while (stacks.length > kernels.length) stacks.pop().element.remove();
    while (stacks.length < kernels.length) {
      const made = make(stacks.length);
      stacks.push(made);
      element.append(made.element);
    }
    const scale = settings.scale ?? scaleOf(kernels);
    stacks.forEach((each, j) => each.set(kernels[j], { ...settings, scale }));
  }

  function mark(at) {
    stacks.forEach((each, j) => each.mark(at && at.j === j ? [{ ...at, channel: at.i }] : []));
  }

  function value() {
    return stacks.map((each) => each.value());
  }

  return { element, set, mark, value, clear: () => stacks.forEach((each) => each.clear()) };
}
