// Page 4: a dense layer is a convolution with 1×1 kernels over n channels, and not over one map.

import { latest } from "../api.js";
import { clear, el } from "../dom.js";
import { missing, number, plain } from "../format.js";
import { grid, legend, scaleOf, stack } from "../grid.js";
import {
  ask, button, deckSays, equation, formula, output, products, row, section, slider, source,
} from "../parts.js";
import { matrix } from "../state.js";
import { teller } from "../teller.js";
import { titles } from "../titles.js";

const most = 4;

const schema = {
  x: matrix("1; 6; 5; 3"),
  w: matrix("1 2 -1 0; 0 -1 3 1"),
  b: matrix("2; -4"),
};

const denseFormula = `
  <mrow>
    <msub data-symbol="y"><mi>y</mi><mi>j</mi></msub>
    <mo>=</mo>
    <msub data-symbol="b"><mi>b</mi><mi>j</mi></msub>
    <mo>+</mo>
    <munder><mo>∑</mo><mi>i</mi></munder>
    <msub data-symbol="w"><mi>w</mi><mrow><mi>j</mi><mi>i</mi></mrow></msub>
    <mo>·</mo>
    <msub data-symbol="x"><mi>x</mi><mi>i</mi></msub>
  </mrow>`;

const convolutionFormula = `
  <mrow>
    <msub data-symbol="Y"><mi>Y</mi><mi>j</mi></msub>
    <mo>=</mo>
    <msub data-symbol="B"><mi>B</mi><mi>j</mi></msub>
    <mo>+</mo>
    <munder><mo>∑</mo><mi>i</mi></munder>
    <msub data-symbol="X"><mi>X</mi><mi>i</mi></msub>
    <mo>⋆</mo>
    <msub data-symbol="K"><mi>K</mi><mrow><mi>j</mi><mi>i</mi></mrow></msub>
  </mrow>`;

function mount(ctx) {
  const state = fitting(ctx.read(schema), ctx.doubt);
  const tell = teller(ctx);
  /** The products of the last answers, for whoever asks where a number comes from. */
  let steps = [];
  let stepsOfMap = [];

  const [x, w, b] = Object.entries({ x: "X", w: "K", b: "B" }).map(([name, kind]) =>
    grid({ name, kind, isEditable: true, onEdit: (value) => change({ [name]: value }) }));
  const y = grid({
    name: "y", kind: "Y", why: (j) => sum(`y[${j}]`, steps, j, 0, 0, state.b, dense),
  });

  const single = { hasIndices: false, isSmall: true };
  const X = stack({ name: "X", ...single });
  const B = stack({ name: "B", ...single });
  const Y = stack({
    name: "Y", ...single, why: (j) => sum(`Y[${j}]`, steps, j, 0, 0, state.b, overChannels),
  });
  const kernels = el("div", { class: "kernels tight" });
  let K = [];

  const map = grid({
    name: "map", kind: "X", isSmall: true, label: "X, one map", title: "X as one map",
  });
  const kernelsOfMap = stack({ name: "mapK", kind: "K", ...single, label: (j) => `K[${j}, 0]` });
  const mapY = stack({
    name: "mapY", kind: "Y", isSmall: true, label: (j) => `Y[${j}], a map`,
    why: (j, r, c) => sum(`Y[${j}] at [${r}, ${c}]`, stepsOfMap, j, r, c, state.b, overMap),
  });

  const difference = output("difference", (n) => plain(n));
  const colours = legend();
  const verdict = el("p", { class: "verdict" }, missing);
  const inputs = slider({
    label: "Inputs", min: 1, max: most, value: state.x.length,
    onInput: (n) => resize(n, state.b.length),
  });
  const outputs = slider({
    label: "Outputs", min: 1, max: most, value: state.b.length,
    onInput: (n) => resize(state.x.length, n),
  });

  const convolution = section("The same numbers as a convolution over channels",
    formula(convolutionFormula, { label: "Y j is B j plus the sum over i of X i star K j i" }),
    equation(upright(Y), "=", upright(B), "+ Σ", upright(X), "⋆", kernels),
    el("p", {}, "Each number of x is a channel of 1×1, each weight a kernel of 1×1. One window, "
      + "one product: ⋆ has become multiplication. The largest difference between the two layers "
      + "is ", difference.element, "."),
    verdict);
  const counterExample = section("One map is another matter",
    equation(mapY.element, "= B +", map.element, "⋆", upright(kernelsOfMap)),
    el("p", {}, "Laid out as one map, the numbers of x share one channel, and a 1×1 kernel has one "
      + "weight for it. Every pixel is weighed alike and none is added to another: a map goes in "
      + "and a map comes out. Of the weights w, only the first column found a place."),
    deckSays(
      "A dense layer is a convolutional layer where the kernel size is 1×1 and operates on "
        + "flattened inputs.",
      "That is true of n inputs as n channels of 1×1, and not of one map of n pixels."));

  ctx.main.append(
    el("p", {}, "Let every matrix in ", together("Y = B + Σ X ⋆ K"), " be a single number. Then ⋆ "
      + "is a product, and what remains is the dense layer, ", together("y = b + w · x"), ": each "
      + "output a sum over all inputs."),
    section("A dense layer",
      formula(denseFormula, { label: "y j is b j plus the sum over i of w j i times x i" }),
      equation(y.element, "=", b.element, "+", w.element, "·", x.element),
      row(
        inputs.element, outputs.element,
        button({ label: "Start again", onClick: reset }).element),
      colours.element),
    ask({
      id: "channels",
      text: "A 1×1 kernel does what this dense layer does. What does it have to slide over?",
      choices: [
        "One map that holds all inputs as pixels", "As many channels of 1×1 as there are inputs",
        "Either",
      ],
      answer: 1,
      because: "The sum over the inputs has to come from somewhere, and in the formula it is the "
        + "sum over channels. Within a map, a 1×1 kernel adds nothing to anything.",
      reveals: [convolution, counterExample],
    }),
    convolution,
    counterExample);
  ctx.source.append(
    source("Dense.swift", { lines: [34, 35], symbols: { 34: "b w x", 35: "y b w x" } }).element,
    source("DenseAsConvolution.swift", {
      lines: [16, 17, 18, 19, 20, 21, 34, 36],
      symbols: {
        16: "K w", 17: "K w", 18: "K w", 20: "B b", 21: "X K B Y", 34: "mapK", 36: "map mapY",
      },
    }).element);
  ctx.register(() => {
    verdict.textContent = missing;
    K.forEach((each) => each.clear());
  });

  setTyped();
  compute();

  function reset() {
    change({ x: schema.x.default, w: schema.w.default, b: schema.b.default });
    setTyped();
  }

  function resize(n, m) {
    const kept = (rows, height, width) => Array.from({ length: height }, (_, r) =>
      Array.from({ length: width }, (_, c) => rows[r]?.[c] ?? 0));
    change({ x: kept(state.x, n, 1), w: kept(state.w, m, n), b: kept(state.b, m, 1) });
    setTyped();
  }

  function setTyped() {
    x.set(state.x);
    w.set(state.w);
    b.set(state.b);
    inputs.set(state.x.length);
    outputs.set(state.b.length);
  }

  function change(values) {
    Object.assign(state, values);
    ctx.write(schema, state);
    compute();
  }

  function compute() {
    const [numbers, biases] = [state.x.flat(), state.b.flat()];
    const ofEach = (values) => values.map((n) => [[n]]);
    const overN = { x: ofEach(numbers), k: state.w.map(ofEach), b: ofEach(biases), count: 512 };
    const firstWeights = state.w.map(([first]) => [[[first]]]);
    const overOne = { x: [asMap(numbers)], k: firstWeights, b: ofEach(biases), count: 512 };
    ctx.computed(() => latest("dense", "/api/dense", { x: numbers, w: state.w, b: biases }), show);
    ctx.computed(() => latest("overN", "/api/forward", overN), (answer) => {
      steps = answer.steps;
      B.set(answer.start, { scale: scaleOf(state.x, state.w, state.b) });
      X.set(overN.x, { scale: scaleOf(state.x, state.w, state.b) });
    });
    ctx.computed(() => latest("overOne", "/api/forward", overOne), (answer) => {
      const scale = scaleOf(state.x, state.w, state.b, answer.y);
      stepsOfMap = answer.steps;
      map.set(overOne.x[0], { scale });
      kernelsOfMap.set(overOne.k.map(([matrix]) => matrix), { scale });
      mapY.set(answer.y, { scale });
    });
  }

  function show(answer) {
    const scale = scaleOf(state.x, state.w, state.b, answer.y);
    colours.set(scale);
    x.set(state.x, { scale });
    w.set(state.w, { scale });
    b.set(state.b, { scale });
    y.set(answer.y.map((n) => [n]), { scale });
    Y.set(answer.convolution, { scale });
    if (K.length !== answer.kernels.length) {
      K = answer.kernels.map((_, j) => stack({ name: "K", kernel: j, ...single }));
      clear(kernels).append(...K.map((each) => each.element));
    }
    K.forEach((each, j) => each.set(answer.kernels[j], { scale }));
    difference.set(answer.difference);
    verdict.textContent = compared(answer);
    tell(`y is ${answer.y.map((n) => number(n)).join(", ")}. ${verdict.textContent}`);
  }
}

/** What the difference tells. */
function compared({ difference, areEqual }) {
  if (difference === 0) return "Equal: it is the same layer, written twice.";
  return areEqual ? "Equal but for the last digit: the sums are taken in another order."
    : "They differ.";
}

const dense = { left: (i) => `x[${i}]`, right: (j, i) => `w[${j}, ${i}]`, bias: (j) => `b[${j}]` };
const overChannels = {
  left: (i) => `X[${i}]`, right: (j, i) => `K[${j}, ${i}]`, bias: (j) => `B[${j}]`,
};
const overMap = {
  ...overChannels, left: (_, { row: r, column: c }) => `X[${r}, ${c}]`,
};

/** A formula in running text, which does not part at a line's end. */
function together(text) {
  return text.replaceAll(" ", "\u00a0");
}

/** A stack whose channels stand below each other. */
function upright(stack) {
  return el("div", { class: "upright" }, stack.element);
}

/** Where an output comes from: its bias, and the products that the trace has for it. */
function sum(title, steps, j, r, c, biases, names) {
  const own = steps.filter((step) =>
    step.j === j && step.target.row === r && step.target.column === c);
  return products({
    title,
    start: { name: names.bias(j), value: biases[j][0] },
    terms: own.map((step) => ({
      left: step.left.value, right: step.right.value, product: step.product, sum: step.sum,
      leftName: names.left(step.i, step.left.position), rightName: names.right(j, step.i),
    })),
  });
}

/** The numbers as one map, two rows high where that comes out even: four of them are 2×2. */
function asMap(numbers) {
  const width = numbers.length % 2 === 0 ? numbers.length / 2 : numbers.length;
  return Array.from({ length: numbers.length / width }, (_, r) =>
    numbers.slice(r * width, (r + 1) * width));
}

/** The state of an address, if its sizes go together and fit on this page; else the default. */
function fitting({ x, w, b }, doubt) {
  const isColumn = (rows) => rows.length <= most && rows.every((line) => line.length === 1);
  const isFitting = isColumn(x) && isColumn(b) && w.length === b.length && w[0].length === x.length;
  if (isFitting) return { x, w, b };
  doubt(["x", "w", "b"]);
  return { x: schema.x.default, w: schema.w.default, b: schema.b.default };
}

export default {
  title: titles[3],
  slide: "Slide 5: A deeper connection: the CNN as a generalised dense layer",
  question: "When is a convolutional layer nothing but a dense layer?",
  mount,
};
