// One number on its way through the deck's network, from the pixels to the score. What comes before
// a number is found by its position alone.

import { latest, patience } from "../api.js";
import { el } from "../dom.js";
import { count, number, plain } from "../format.js";
import { grid, scaleOf } from "../grid.js";
import { closeOutdatedWhy } from "../grid/why.js";
import { asTerm } from "../layer/trace.js";
import { equation, output, products, row, slider } from "../parts.js";
import { teller } from "../teller.js";
import { asked } from "./asked.js";
import { area, depth, hidden, kernelSize, side, sums } from "./deck.js";

/**
 * The number that is followed: its sliders, the sum of its window, and what the layers make of it.
 *
 * @param {Object} ctx the page's
 * @param {{at: {number: number, unit: number, score: number, network: string}, write: () => void}}
 *   options `at` is the page's state, whose `number` of the convolution, hidden `unit` and `score`
 *   are followed
 * @returns {{elements: HTMLElement[], follow: (layer: number, position: number) => void, show:
 *   (answer: Object, of: {digit: Object, run: string}) => void}} `show` takes an answer of
 *   `/api/activations` and what was asked
 */
export function traced(ctx, { at, write }) {
  const tell = teller(ctx);
  let answer;

  const sum = {
    x: grid({
      name: "window", label: "its window of X", kind: "pixels", symbol: "X",
      rows: kernelSize, columns: kernelSize,
      why: () => why("A pixel of the digit, from 0, black, to 1, white. What it does:"),
    }),
    k: grid({
      name: "K", label: "its kernel", rows: kernelSize, columns: kernelSize,
      why: () => why(learned("Drawn at random")),
    }),
    b: grid({ name: "B", label: "its bias", hasIndices: false, why: () => why(learned("0")) }),
    y: grid({
      name: "Y-number", label: "it", kind: "Y", symbol: "Y", hasIndices: false, why: () => terms,
    }),
  };
  let terms;
  const values = Object.fromEntries(["y", "a", "x", "z", "h", "s", "p"].map(
    (name) => [name, output(name, "yzs".includes(name) ? number : (n) => plain(n, 4))]));
  const ofSigmoid = (name) => `It is σ(${values[name].element.textContent}): 1 divided by 1 + e to `
    + "the power of minus that number.";
  const asks = Object.fromEntries(Object.entries({
    y: () => terms,
    a: () => ofSigmoid("y"),
    x: () => "Nothing is computed. It is what the sigmoid left, in its place of the column: map "
      + "after map, row after row.",
    z: () => sums.z,
    h: () => ofSigmoid("z"),
    s: () => sums.s,
    p: () => ofSigmoid("s"),
  }).map(([name, because]) =>
    [name, asked(values[name].element, `the traced number, ${name}`, because)]));
  const places = { map: el("span"), number: el("span"), unit: el("span"), score: el("span") };
  const sliders = {
    map: slider({ label: "Map", min: 0, max: depth - 1, value: 0, onInput: () => move() }),
    row: slider({ label: "Row", min: 0, max: side - 1, value: 0, onInput: () => move() }),
    column: slider({ label: "Column", min: 0, max: side - 1, value: 0, onInput: () => move() }),
    unit: slider({
      label: "Hidden number", min: 0, max: hidden - 1, value: 0, onInput: (n) => follow(3, n),
    }),
    score: slider({ label: "Output", min: 0, max: 1, value: 0, onInput: (n) => follow(5, n) }),
  };

  function move() {
    const [j, r, c] = ["map", "row", "column"].map((name) => sliders[name].value());
    follow(0, j * area + r * side + c);
  }

  function follow(layer, n) {
    if (layer < 3) at.number = n;
    else if (layer < 5) at.unit = n;
    else at.score = n;
    write();
    trace();
  }

  function trace() {
    const j = Math.floor(at.number / area);
    const r = Math.floor(at.number / side) % side;
    const c = at.number % side;
    sliders.map.set(j);
    sliders.row.set(r);
    sliders.column.set(c);
    sliders.unit.set(at.unit);
    sliders.score.set(at.score);
    name(j, r, c);
    if (answer) lookInto(j, r, c);
  }

  function name(j, r, c) {
    places.map.textContent = `Y[${j}][${r}, ${c}]`;
    places.number.textContent = `number ${count(at.number)} of the column`;
    places.unit.textContent = `hidden number ${at.unit}`;
    places.score.textContent = `output ${at.score}`;
  }

  /** What each layer makes of the number. */
  function tellWay() {
    const from = [at.number, at.number, at.number, at.unit, at.unit, at.score, at.score];
    ["y", "a", "x", "z", "h", "s", "p"].forEach((layer, n) =>
      values[layer].set(answer.layers[n].values[from[n]]));
    const [y, h, p] = ["y", "h", "p"].map((layer) => values[layer].element.textContent);
    const [map, unit, score] = ["map", "unit", "score"].map((place) => places[place].textContent);
    tell(`Read as ${answer.label}. ${map} is ${y}, ${unit} is ${h}, ${score} is ${p}.`);
  }
  ctx.register(() => {
    answer = undefined;
    terms = undefined;
  });

  /** The products of one number of the convolution, and with them its way: both of one place. */
  function lookInto(map, row, column) {
    terms = undefined;
    const body = { ...answer.of, map, row, column };
    ctx.computed(() => latest("window", "/api/window", body, patience), (found) => {
      const { x, k, b, y, steps } = found;
      const scale = scaleOf(k, b, y);
      sum.x.set(x);
      sum.k.set(k, { scale });
      sum.b.set([[b]], { scale });
      sum.y.set([[y]], { scale });
      terms = products({
        title: `Y[${map}][${row}, ${column}], from the window that begins at X[0][${row}, ${column}]`,
        start: { name: `B[${map}][${row}, ${column}]`, value: b },
        terms: steps.map((step) => ({ ...asTerm(step), leftName: "", rightName: "" })),
      });
      if (answer) tellWay();
      closeOutdatedWhy();
    }, { key: "window" });
  }

  /** Where a part of the sum comes from, and the sum. */
  function why(text) {
    return terms && el("div", {}, el("p", {}, text), terms);
  }

  function learned(start) {
    return at.network === "untrained"
      ? `${start} at the start; nothing has been learned yet. What it does:`
      : `${start} at the start; after each image of the training, the learning rate times its `
        + "gradient was taken off it. What it does now:";
  }

  trace();

  return {
    elements: [
      el("p", {}, "Every number has one place that it came from."),
      row(sliders.map.element, sliders.row.element, sliders.column.element),
      equation(sum.x.element, "⋆", sum.k.element, "+", sum.b.element, "=", sum.y.element),
      el("ol", { class: "trace" },
        el("li", {}, "its nine pixels meet the kernel’s nine weights, and the bias is added: ",
          places.map, " = ", asks.y),
        el("li", {}, "the sigmoid makes that ", asks.a),
        el("li", {}, "the reshape changes nothing: as ", places.number, " it is ",
          asks.x)),
      row(sliders.unit.element, sliders.score.element),
      el("ol", { class: "trace", start: 4 },
        el("li", {}, "with all others of the column it makes ", places.unit, ": ", asks.z),
        el("li", {}, "of which the sigmoid makes ", asks.h),
        el("li", {}, "with 99 others that makes ", places.score, ": ", asks.s),
        el("li", {}, "and its score, after the last sigmoid: ", asks.p))],
    follow,
    show(found, of) {
      answer = { ...found, of };
      trace();
    },
  };
}
