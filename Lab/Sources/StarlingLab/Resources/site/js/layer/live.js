// Where the forward pass is: its indices, the product, the running sum, and the lines that do it.

import { el } from "../dom.js";
import { missing, number } from "../format.js";
import { output } from "../parts.js";
import { cell } from "./numbers.js";

/**
 * The live indices and numbers of a step.
 *
 * @param {Object} ctx the page's
 * @returns {{element: HTMLElement, spell: (out: string, into: string) => void,
 *   set: (step: Object|undefined, lines: Object[]) => string}} `spell` names the letters of output
 *   and input; `set` shows a step, or the start, and says it in words
 */
export function live(ctx) {
  const names = Object.fromEntries(["out", "into"].map((name) => [name, el("dt")]));
  const facts = Object.fromEntries(["out", "into", "window", "within", "product", "sum", "lines"]
    .map((name) => [name, el("dd", {}, missing)]));
  const figures = Object.fromEntries(
    ["left", "right", "product", "sum"].map((name) => [name, output(name)]));
  const element = el("dl", { class: "facts" },
    names.out, facts.out, names.into, facts.into,
    el("dt", {}, "r, c: the window’s corner"), facts.window,
    el("dt", {}, "u, v: within the kernel"), facts.within,
    el("dt", {}, "the product"), facts.product,
    el("dt", {}, "the sum so far"), facts.sum,
    el("dt", {}, "the lines"), facts.lines);
  ctx.register(() => Object.values(facts).forEach((node) => { node.textContent = missing; }));

  function spell(out, into) {
    names.out.textContent = `${out}, the output map`;
    names.into.textContent = `${into}, the input channel`;
  }

  function set(step, lines) {
    facts.lines.replaceChildren(...lines.map((line) => el("div", {}, el("code", {}, line.code))));
    return step ? tell(step) : begin();
  }

  function begin() {
    for (const name of ["out", "into", "window", "within"]) facts[name].textContent = "not yet";
    facts.product.textContent = "none yet";
    facts.sum.textContent = "Y is B";
    return "Y is B.";
  }

  function tell({ j, i, window, left, right, product, target, sum }) {
    const x = cell(`X[${i}]`, left.position);
    const k = cell(`K[${j}, ${i}]`, right.position);
    const y = cell(`Y[${j}]`, target);
    facts.out.textContent = j;
    facts.into.textContent = i;
    facts.window.textContent = `${window.row}, ${window.column}`;
    facts.within.textContent = `${right.position.row}, ${right.position.column}`;
    figures.left.set(left.value);
    figures.right.set(right.value);
    figures.product.set(product);
    figures.sum.set(sum);
    facts.product.replaceChildren(
      `${x} · ${k} = `, figures.left.element, " · ", figures.right.element, " = ",
      figures.product.element);
    facts.sum.replaceChildren(`${y} = `, figures.sum.element);
    return `${x} times ${k} is ${number(product)}. ${y} is ${number(sum)}.`;
  }

  return { element, spell, set };
}
