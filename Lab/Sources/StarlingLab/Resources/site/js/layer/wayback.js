// One of the two ways in which dE/dX is made, as an animation that one steps through: scattering,
// told from dE/dY, and gathering, told from X.

import { el } from "../dom.js";
import { missing, number } from "../format.js";
import { grid, scaleOf, stack } from "../grid.js";
import { equation, output, products, stepper } from "../parts.js";
import { cell, sizesOf } from "./numbers.js";
import { after, stepsAt, trace } from "./trace.js";

const path = "/api/trace";

const ways = {
  scatter: {
    pass: "inputGradientByScattering", label: "Scatter", operator: "·",
    names: { dY: "dY-sent", K: "K-sent", dX: "scattered" },
    words: "Each number of dE/dY goes back to the window that its number of Y was made from. Each "
      + "place there gets the share that it had: the weight that lay on it. The kernel is used as "
      + "it is.",
  },
  gather: {
    pass: "inputGradientByGathering", label: "Gather", operator: "⋆",
    names: { dY: "dY-padded", K: "K-rotated", dX: "gathered" },
    words: "Each number of X collects what comes back to it. The further up the window that it was "
      + "in, the further down in K the weight that lay on it. So K is met backwards, turned by "
      + "180°, and dE/dY has zeros around.",
  },
};

/**
 * The animation.
 *
 * @param {Object} ctx the page's
 * @param {{way: "scatter"|"gather",
 *   numbers: () => {x: number[][][], k: number[][][][], dY: number[][][]}, step: () => number,
 *   onStep: (step: number) => void, onLines: (lines: Object[]) => void,
 *   remark: () => string}} options `numbers`: what is typed; `step`: how many steps have been done;
 *   `onLines` has the source lines of the step that is shown; `remark` is added to each answer to
 *   "why?"
 * @returns {{element: HTMLElement, show: () => void, reset: () => void, count: () => number,
 *   why: (i: number, row: number, column: number) => Promise<HTMLElement|undefined>}} `show` shows
 *   the step, `reset` forgets the steps of other numbers, `count` is how many there are, and `why`
 *   answers for the whole of dE/dX
 */
export function wayBack(ctx, { way, numbers, step, onStep, onLines, remark }) {
  const { pass, label, operator, names, words } = ways[way];
  const isGather = way === "gather";

  const captions = { dY: el("span", {}, "dE/dY"), K: el("span", {}, "K") };
  const left = grid({
    name: names.dY, symbol: "dY", title: "dE/dY", kind: "Y", isGradient: true, isSmall: true,
    label: captions.dY,
  });
  const right = grid({
    name: names.K, symbol: "K", title: isGather ? "K, turned" : "K", kind: "K", isSmall: true,
    // Turned, the places of K are no longer where rows and columns are counted.
    hasIndices: !isGather, label: captions.K,
  });
  const target = stack({
    name: names.dX, symbol: "dX", kind: "X", isGradient: true, isSmall: true,
    label: (i) => `dE/dX[${i}] so far`, why: (i, r, c) => whySoFar(i, r, c, step()),
  });
  const live = Object.fromEntries(
    ["left", "right", "product", "sum"].map((name) => [name, output(`${way}-${name}`)]));
  const sentence = el("p", { class: "status" }, missing);
  const steps = stepper({
    label, step: step(), onStep: go, describe: () => (run.has() ? said : ""),
  });
  const run = trace(ctx, { key: `trace ${way}`, path, body, step, render });
  /** What a listener is told about the step that is shown, and how many there are. */
  let said = "";
  let total;

  const element = el("section", { "aria-label": label },
    el("h3", {}, label),
    el("p", {}, words),
    equation(left.element, operator, right.element, "→", target.element),
    sentence,
    steps.element);
  ctx.register(forget);

  function go(to) {
    onStep(to);
    const isHere = run.has();
    run.show().then((isShown) => {
      if (isShown && !isHere) ctx.announce(`Step ${step()} of ${total}. ${said}`);
    });
  }

  function body() {
    const { x, k, dY } = numbers();
    return { x, k, dY, pass };
  }

  function render(answer, taken) {
    const { k, dY } = numbers();
    const last = taken.at(-1);
    const [j, i] = [last?.j ?? 0, last?.i ?? 0];
    const { kernelRows, kernelColumns } = sizesOf(numbers());
    const scale = scaleOf(k, dY, answer.result);
    captions.dY.textContent = `dE/dY[${j}]`;
    captions.K.textContent = `K[${j}, ${i}]${isGather ? ", turned" : ""}`;
    left.set(dY[j], { scale, padding: isGather ? Math.max(kernelRows, kernelColumns) - 1 : 0 });
    right.set(isGather ? turned(k[j][i]) : k[j][i], { scale });
    target.set(after(answer.before, taken, "i"), { scale });
    ({ total } = answer);
    steps.set({ total, step: step() });
    mark(last);
    tell(last);
    if (last) onLines(last.lines);
  }

  function mark(last) {
    if (!last) {
      for (const each of [left, right, target]) each.mark();
      return;
    }
    const { kernelRows, kernelColumns } = sizesOf(numbers());
    const window = { ...last.window, rows: kernelRows, columns: kernelColumns };
    const { row: u, column: v } = last.right.position;
    left.mark({
      cells: [[last.left.position.row, last.left.position.column]],
      window: isGather ? window : undefined,
    });
    right.mark({ cells: [isGather ? [kernelRows - 1 - u, kernelColumns - 1 - v] : [u, v]] });
    target.mark({
      channel: last.i, target: [last.target.row, last.target.column],
      window: isGather ? undefined : window,
    });
  }

  function tell(last) {
    if (!last) {
      said = "dE/dX begins with zeros.";
      sentence.replaceChildren(said);
      return;
    }
    const { leftName, rightName } = factorNames(last);
    const sum = cell(`dE/dX[${last.i}]`, last.target);
    live.left.set(last.left.value);
    live.right.set(last.right.value);
    live.product.set(last.product);
    live.sum.set(last.sum);
    sentence.replaceChildren(
      `${leftName} · ${rightName} = `, live.left.element, " · ", live.right.element, " = ",
      live.product.element, el("br"), `${sum} = `, live.sum.element);
    said = `${leftName} times ${rightName} is ${number(last.product)}. ${sum} is `
      + `${number(last.sum)}.`;
  }

  function forget() {
    said = "";
    sentence.textContent = missing;
    mark();
  }

  // Why this number?

  async function why(i, r, c) {
    return answer(i, r, c, await stepsInto(i, r, c, Infinity));
  }

  async function whySoFar(i, r, c, done) {
    return answer(i, r, c, await stepsInto(i, r, c, done), " so far");
  }

  /** The steps into one place of dE/dX, of the first so many; undefined if they did not come. */
  async function stepsInto(i, r, c, done) {
    const { k, x } = numbers();
    const { columns, kernelRows, kernelColumns } = sizesOf(numbers());
    const ofPair = count() / (k.length * x.length);
    // Gathering makes a place at a time; scattering comes by again and again, so that all its steps
    // are looked through.
    const [offset, length] = isGather
      ? [(r * columns + c) * kernelRows * kernelColumns, kernelRows * kernelColumns] : [0, ofPair];
    const places = k.map((_, j) => (j * x.length + i) * ofPair + offset);
    const runs = await stepsAt(ctx, path, body(), places, length);
    return runs?.flatMap((found, j) => found.slice(0, Math.max(0, done - places[j])))
      .filter((each) => each.target.row === r && each.target.column === c);
  }

  function answer(i, r, c, found, when = "") {
    return found && products({
      title: cell(`dE/dX[${i}]`, { row: r, column: c }) + when,
      terms: found.map((each) => ({
        left: each.left.value, right: each.right.value, product: each.product, sum: each.sum,
        isPadding: each.left.isPadding, ...factorNames(each),
      })),
      note: `Each window that this place lies in gives one term, with each kernel. ${remark()}`,
    });
  }

  function count() {
    const size = sizesOf(numbers());
    const places = isGather ? size.rows * size.columns : size.outputRows * size.outputColumns;
    return size.channels * size.kernels * places * size.kernelRows * size.kernelColumns;
  }

  return { element, show: run.show, reset: run.reset, count, why };
}

function factorNames({ j, i, left, right }) {
  return {
    leftName: left.isPadding ? "a zero around" : cell(`dE/dY[${j}]`, left.position),
    rightName: cell(`K[${j}, ${i}]`, right.position),
  };
}

/** Upside down and back to front. */
function turned(matrix) {
  return matrix.toReversed().map((line) => line.toReversed());
}
