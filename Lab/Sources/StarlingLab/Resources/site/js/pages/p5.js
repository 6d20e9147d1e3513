// Page 5: what one weight did, and so what the error asks of it; and the same of the biases.

import { latest, post } from "../api.js";
import { clear, el } from "../dom.js";
import { number } from "../format.js";
import { legend, scaleOf, stack } from "../grid.js";
import { beside, whyMeasured } from "../layer/beside.js";
import { kernelGrids } from "../layer/kernels.js";
import { gradient, matrix, operator, place, sum, symbol } from "../layer/mathml.js";
import {
  areMany, begin, cell, exampleButtons, fitted, sizeSliders, sizesOf, smallExample, twoByTwo,
} from "../layer/numbers.js";
import {
  ask, choice, deckSays, equation, formula, note, output, products, row, section, source,
} from "../parts.js";
import { choice as oneOf, integer, kernels, volume } from "../state.js";
import { titles } from "../titles.js";

const path = "/api/backward";

const schema = {
  x: volume(smallExample.x),
  k: kernels(smallExample.k),
  dY: volume(smallExample.dY),
  bias: oneOf("perPosition", "perChannel"),
  mistake: oneOf("none", "reversed"),
  j: integer(0, 0, 3),
  i: integer(0, 0, 3),
  row: integer(0, 0, 7),
  column: integer(0, 0, 7),
  term: integer(-1, -1, 63),
};

const examples = [
  { name: "A small example", ...smallExample },
  { name: "Two channels, two kernels", ...twoByTwo },
  { name: "One output counts", ...smallExample, dY: "0 0; 0 1" },
  { name: "dE/dY all zero", ...smallExample, dY: "0 0; 0 0" },
];

const ofY = gradient("dY", matrix("Y", "j"));
const ofYAt = gradient("dY", matrix("Y", "j") + place("r", "c"));

const chainRule = gradient("dK", matrix("K", "ji") + place("u", "v")) + operator("=")
  + sum("r,c") + ofYAt + operator("·") + symbol("X", matrix("X", "i") + place("r+u", "c+v"));

const kernelGradient = gradient("dK", matrix("K", "ji")) + operator("=")
  + symbol("X", matrix("X", "i")) + operator("⋆") + ofY;

const untied = gradient("dB", matrix("B", "j")) + operator("=") + ofY;

const tied = gradient("dB", matrix("b", "j")) + operator("=") + sum("r,c") + ofYAt;

function mount(ctx) {
  const state = ctx.read(schema);
  begin(ctx, state);
  clamp();

  const x = stack({ name: "X", isEditable: true, onEdit: (value) => change({ x: value }) });
  const k = kernelGrids({
    name: "K", isEditable: true, onEdit: (value) => change({ k: value }), onPick: pick,
    why: whyWeight,
  });
  const dY = stack({
    name: "dY", isEditable: true, onEdit: (value) => change({ dY: value }),
    onPick: (j, r, c) => change({ j, term: r * sizesOf(state).outputColumns + c }),
  });
  const dK = kernelGrids({ name: "dK", onPick: pick, why: whyWeight });
  const measuredK = kernelGrids({
    name: "dK-measured", symbol: "dK", kind: "K", label: (j, i) => `measured at K[${j}, ${i}]`,
    why: () => whyMeasured,
  });
  const dB = stack({ name: "dB", why: whyBias });
  const measuredB = stack({
    name: "dB-measured", symbol: "dB", kind: "B", label: (j) => `measured at B[${j}]`,
    why: () => whyMeasured,
  });
  const colours = legend();
  const checks = { dK: beside("dK", dK, measuredK), dB: beside("dB", dB, measuredB) };
  const error = output("error");

  const sizes = sizeSliders({ sizes: sizesOf(state), onInput: (wanted) => resize(wanted) });
  const bias = choice({
    label: "Bias", value: state.bias,
    options: [
      { value: "perPosition", label: "untied: one a position" },
      { value: "perChannel", label: "tied: one a map" },
    ],
    onInput: (value) => { change({ bias: value }); spell(); },
  });
  const mistake = choice({
    label: "The arguments of ⋆", value: state.mistake,
    options: [
      { value: "none", label: "X ⋆ dE/dY, as it must be" },
      { value: "reversed", label: "planted mistake: reversed" },
    ],
    onInput: (value) => change({ mistake: value }),
  });

  const chosen = el("p", { class: "verdict" });
  const terms = el("div");
  const allZero = el("p", { class: "verdict" }, "No number of the output asks for a change, so "
    + "nothing is asked of any weight: every gradient is 0. Its finite difference is 0 as well, "
    + "and 0 agrees with 0.");
  const [chainSum, planted] = [output("chainRule"), output("planted")];
  const conflict = el("p", { class: "verdict" },
    "A mistake is planted. The chain rule’s sum for this weight is ", chainSum.element,
    ", and what stands in dE/dK is ", planted.element, ": everything is turned by 180°. The shape "
    + "is right, nothing complains, and a network still learns with it. Only the check tells.");
  const hiddenMistake = el("p", { class: "verdict" }, "A mistake is planted, and here nobody can "
    + "see it: with these numbers, dE/dK turned by 180° is dE/dK, and so the check passes. Another "
    + "X or dE/dY brings it to light.");
  const biasFormula = el("div");
  const biasWords = el("p");
  const code = {
    layer: source("ConvolutionalLayer.swift", {
      lines: [45, 46, 47, 48, 51, 52, 53, 54],
      symbols: { 47: "dK X dY", 48: "dX dY K", 53: "dB dY" },
    }),
    operator: source("CrossCorrelation.swift", {
      lines: [17, 18, 19, 20, 21, 22], symbols: { 22: "dK X dY" },
    }),
  };

  const meeting = equation(k.element, "met", x.element, "⊙", dY.element);

  const planting = row(mistake.element);

  ctx.main.append(
    formula(chainRule, {
      label: "dE by dK j i at u, v is the sum over r and c of dE by dY j at r, c, times X i at r "
        + "plus u, c plus v",
    }),
    el("p", {}, "A weight is used once in every window, each time on another number of X, and each "
      + "product goes into another number of Y. How the error changes with that number is given: "
      + "dE/dY. The chain rule multiplies along each of these ways and adds them up."),
    exampleButtons(examples, open),
    section("Pick a weight, and see what it met",
      meeting,
      note("Press a number of K, or go there with the arrow keys; Enter answers why. A number of "
        + "dE/dY picks one term. All of them can be edited."),
      chosen, terms,
      sizes.element,
      colours.element),
    ask({
      id: "order",
      text: "Somebody writes dE/dY ⋆ X for X ⋆ dE/dY, and crops the result to the kernel’s size. "
        + "What comes of it?",
      choices: ["The same numbers", "The same numbers, turned by 180°", "An error"],
      answer: 1,
      because: "⋆ is not commutative: with its arguments exchanged, every offset changes its sign. "
        + "The shape is right, and so is each number but for its place. A network trained with it "
        + "learns all the same, which is why a falling error proves nothing. Plant the mistake "
        + "below.",
      reveals: [planting],
    }),
    section("All weights at once, beside what the error itself says",
      formula(kernelGradient, { label: "dE by dK j i is X i star dE by dY j" }),
      el("p", {}, "Laid out as the weights are, the sums of all of them are a cross-correlation. "
        + "Is it right? Move one weight up a little, move it down as much, and see how far the "
        + "error moves: that is a finite difference. It knows no chain rule, and so it can judge "
        + "one. The error here is E\u00a0=\u00a0Σ\u00a0dE/dY\u00a0⊙\u00a0Y\u00a0=\u00a0",
      error.element, "."),
      planting,
      checks.dK.element,
      allZero, conflict, hiddenMistake),
    section("The bias",
      row(bias.element),
      biasFormula,
      biasWords,
      checks.dB.element,
      deckSays(
        "dE/dB = dE/dY, with B a matrix.",
        "True of a bias for every output position: 5×26×26 = 3,380 numbers in the deck’s network. "
          + "Most libraries have one number a map, 5 there. It is added at every position, has a "
          + "part in all of them, and its gradient is their sum.")));
  ctx.source.append(code.layer.element, code.operator.element);
  ctx.register(forget);

  forget();
  spell();
  typed();
  compute();

  // What somebody does.

  function pick(j, i, r, c) {
    change({ j, i, row: r, column: c, term: -1 });
  }

  function change(values) {
    Object.assign(state, values);
    clamp();
    ctx.write(schema, state);
    compute();
  }

  function resize(wanted) {
    Object.assign(state, fitted(state, wanted));
    clamp();
    typed();
    change({ term: -1 });
  }

  function open(example) {
    Object.assign(state, {
      x: volume(example.x).default, k: kernels(example.k).default, dY: volume(example.dY).default,
      j: 0, i: 0, row: 0, column: 0,
    });
    resize({});
  }

  /** Keeps what is picked within what there is. */
  function clamp() {
    const size = sizesOf(state);
    state.j = Math.min(state.j, size.kernels - 1);
    state.i = Math.min(state.i, size.channels - 1);
    state.row = Math.min(state.row, size.kernelRows - 1);
    state.column = Math.min(state.column, size.kernelColumns - 1);
    state.term = Math.min(state.term, size.outputRows * size.outputColumns - 1);
  }

  // What is shown.

  function body(weight) {
    const { x: input, k: weights, dY: given, bias: kind, mistake: planting } = state;
    return { x: input, k: weights, dY: given, bias: kind, at: weight, mistake: planting };
  }

  function compute() {
    const { j, i, row: r, column: c } = state;
    ctx.computed(
      () => latest("backward", path, body({ j, i, row: r, column: c })), show, { key: "backward" });
  }

  /** What was typed, before any answer: so it stays when none comes. */
  function typed() {
    x.set(state.x);
    k.set(state.k);
    dY.set(state.dY);
    sizes.set(sizesOf(state));
    for (const element of [meeting, checks.dK.element, checks.dB.element]) {
      element.classList.toggle("is-many", areMany(state));
    }
  }

  function spell() {
    const isTied = state.bias === "perChannel";
    biasFormula.replaceChildren(formula(isTied ? tied : untied, {
      label: isTied
        ? "dE by d b j is the sum over r and c of dE by dY j at r, c" : "dE by dB j is dE by dY j",
    }));
    biasWords.textContent = isTied
      ? "One number is added at every position of a map. It has a part in every number of Y there, "
        + "and the chain rule adds them up."
      : "Each number of Y has a bias of its own. Move the bias, and that number moves as much: the "
        + "gradient goes through as it is.";
  }

  function show(answer) {
    const [ofK, ofB] = ["dK", "dB"].map((name) => answer.checks.find((each) => each.name === name));
    const scale = scaleOf(state.x, state.k, state.dY, answer.dK, answer.dB);
    x.set(state.x, { scale });
    k.set(state.k, { scale });
    dY.set(state.dY, { scale });
    dK.set(answer.dK, { scale });
    dB.set(answer.dB, { scale });
    colours.set(scale);
    checks.dK.set(ofK, scale);
    checks.dB.set(ofB, scale);
    error.set(answer.error);
    allZero.hidden = answer.terms.length === 0 || !state.dY.flat(2).every((n) => n === 0);

    const { j, i, row: r, column: c } = answer.at;
    const here = cell(`K[${j}, ${i}]`, { row: r, column: c });
    chosen.textContent = `${here} met the part of X[${i}] in the frame: one number in each window, `
      + `as many as dE/dY[${j}] has. Laid on each other, the two give the terms of its gradient.`;
    chainSum.set(answer.terms.at(-1)?.sum);
    planted.set(answer.dK[j][i][r][c]);
    conflict.hidden = state.mistake === "none" || ofK.result !== "fail";
    hiddenMistake.hidden = state.mistake === "none" || ofK.result !== "pass";
    clear(terms).append(termTable(answer));
    mark(answer);
    code.layer.set([...answer.lines.dK, ...answer.lines.dB]);
    code.operator.set(answer.lines.dK);
    const stated = number(answer.dK[j][i][r][c]);
    ctx.announce(`${here}: its gradient is ${stated}. Check: ${ofK.result}.`);
  }

  /** The terms as a table whose lines point at the numbers they are made of. */
  function termTable(answer) {
    const table = chain(answer);
    const lines = [...table.querySelectorAll("tbody tr")];
    lines.forEach((line, index) => {
      line.classList.toggle("is-current", index === state.term);
      line.addEventListener("pointerenter", () => mark(answer, index));
      line.addEventListener("pointerleave", () => mark(answer));
    });
    return table;
  }

  function mark({ at: { j, i, row: r, column: c }, window, terms: all }, index = state.term) {
    const pointedAt = all[index];
    const weight = { j, i, target: [r, c] };
    const cells = (position) => (position ? [[position.row, position.column]] : []);
    k.mark(weight);
    dK.mark(weight);
    measuredK.mark(weight);
    x.mark({ channel: i, window, cells: cells(pointedAt?.x) });
    dY.mark({ channel: j, window: { ...window, row: 0, column: 0 }, cells: cells(pointedAt?.y) });
  }

  function forget() {
    for (const grids of [x, k, dY, dK, measuredK]) grids.mark();
    chosen.textContent = "";
    clear(terms);
    allZero.hidden = true;
    conflict.hidden = true;
  }

  // Why this number?

  async function whyWeight(j, i, r, c) {
    let table;
    await ctx.computed(
      () => post(path, body({ j, i, row: r, column: c })),
      (answer) => { table = chain(answer); },
      { isAction: true });
    return table;
  }

  /** The chain rule for the answer's weight, in numbers. */
  function chain({ at: { j, i, row: r, column: c }, terms: all }) {
    return products({
      title: `${cell(`dE/dK[${j}, ${i}]`, { row: r, column: c })}, term by term`,
      terms: all.map((each) => ({
        left: each.dY, right: each.xValue, product: each.product, sum: each.sum,
        leftName: cell(`dE/dY[${j}]`, each.y), rightName: cell(`X[${i}]`, each.x),
      })),
      note: state.mistake === "none" ? undefined
        : "This is the chain rule. The planted mistake puts the sum in the place across.",
    });
  }

  function whyBias(j, r, c) {
    if (state.bias === "perPosition") {
      return `It is ${cell(`dE/dY[${j}]`, { row: r, column: c })}: when this bias moves, that `
        + "number of Y moves as much, and no other does.";
    }
    return `It is the sum of dE/dY[${j}] over all positions: `
      + `${state.dY[j].flat().map((n) => number(n)).join(", ")}. The one bias is added at each of `
      + "them.";
  }
}

export default {
  title: titles[4],
  slide: "Slides 7 to 9: The backward pass · Deriving the kernel gradient · The complete formulae",
  question: "The error is too large. How much of it is this one weight’s doing?",
  mount,
};
