// Page 3: the forward pass, product by product, beside the lines that do it.

import { el } from "../dom.js";
import { legend, scaleOf, stack } from "../grid.js";
import { kernelGrids } from "../layer/kernels.js";
import { live } from "../layer/live.js";
import { index, matrix, operator, place, sum, symbol } from "../layer/mathml.js";
import {
  areMany, begin, cell, exampleButtons, fitted, sizeSliders, sizesOf, smallExample, twoByTwo,
} from "../layer/numbers.js";
import { python } from "../layer/python.js";
import { after, asTerm, stepsAt, trace } from "../layer/trace.js";
import {
  ask, choice, deckSays, equation, formula, note, products, row, section, source, stepper,
} from "../parts.js";
import { choice as oneOf, integer, kernels, volume } from "../state.js";
import { titles } from "../titles.js";

const path = "/api/forward";

const schema = {
  x: volume(smallExample.x),
  k: kernels(smallExample.k),
  b: volume(smallExample.b),
  bias: oneOf("perPosition", "perChannel"),
  letters: oneOf("formula", "deck"),
  step: integer(0, 0, 100000),
};

const examples = [
  { name: "A small example", ...smallExample },
  { name: "Two channels", ...twoByTwo, k: "1 2; -1 0 | 0 1; 1 -1", b: "1 1; 1 1" },
  { name: "Two channels, two kernels", ...twoByTwo },
  {
    name: "A long one",
    x: "0 0 1 2 1 0; 0 2 3 3 2 0; 1 3 0 0 3 1; 1 3 0 0 3 1; 0 2 3 3 2 0; 0 0 1 2 1 0",
    k: "-1 0 1; -2 0 2; -1 0 1 || -1 -2 -1; 0 0 0; 1 2 1",
    b: "0 | 0",
    bias: "perChannel",
  },
];

/** Which letter counts the output maps and which the input channels. */
const letters = {
  formula: { out: "j", into: "i", label: "the formula’s and Swift’s: j out, i in" },
  deck: { out: "i", into: "j", label: "the deck’s Python: i out, j in" },
};

function mount(ctx) {
  const state = ctx.read(schema);
  begin(ctx, state, isTied());
  state.step = Math.min(state.step, stepCount());
  /** What a listener is told about the step that is shown, and how many there are. */
  let said = "";
  let total;

  const x = stack({ name: "X", isEditable: true, onEdit: (value) => edit({ x: value }) });
  const k = kernelGrids({ name: "K", isEditable: true, onEdit: (value) => edit({ k: value }) });
  const b = stack({ name: "B", isEditable: true, onEdit: (value) => edit({ b: value }) });
  const y = stack({ name: "Y", why: (j, r, c) => whyOutput(j, r, c) });
  const partial = kernelGrids({
    name: "partial", kind: "Y", isSmall: true, label: (j, i) => `X[${i}] ⋆ K[${j}, ${i}]`,
    why: (j, i, r, c) => whyPartial(j, i, r, c),
  });
  const colours = legend();

  const sizes = sizeSliders({ sizes: sizesOf(state), onInput: (wanted) => resize(wanted) });
  const bias = choice({
    label: "Bias", value: state.bias,
    options: [
      { value: "perPosition", label: "one a position, as in the deck" },
      { value: "perChannel", label: "one a map" },
    ],
    onInput: (value) => { state.bias = value; resize({}); },
  });
  const lettering = choice({
    label: "Index letters", value: state.letters,
    options: Object.entries(letters).map(([value, { label }]) => ({ value, label })),
    onInput: (value) => { state.letters = value; ctx.write(schema, state); spell(); },
  });
  const steps = stepper({
    label: "The forward pass", step: state.step, onStep: go,
    describe: () => (pass.has() ? said : ""),
  });

  const now = live(ctx);
  const formulas = el("div");
  const code = {
    layer: source("ConvolutionalLayer.swift", {
      lines: [30, 31, 32, 33, 34, 35, 36], symbols: { 30: "B Y", 33: "X K Y", 36: "Y" },
    }),
    operator: source("CrossCorrelation.swift", {
      lines: [17, 18, 19, 20, 21, 22, 27], symbols: { 22: "X K Y" },
    }),
    deck: python(),
  };

  const layer = equation(b.element, "+", x.element, "⋆", k.element, "=", y.element);
  const pass = trace(ctx, { key: "forward", path, body, step: () => state.step, render });

  const channels = section("What each channel adds",
    el("p", {}, "Before they are added up in Y, the channels’ cross-correlations are maps of "
      + "their own. They fill as the steps go on; what is not finished is —."),
    partial.element);

  ctx.main.append(
    formulas,
    el("p", {}, "An output map begins as its bias. Then every channel of the input adds its "
      + "cross-correlation with one channel of the kernel. In the source these are two loops, and "
      + "four more in ", el("b", {}, "⋆"), ". Here they run one product at a time."),
    exampleButtons(examples, open),
    layer,
    steps.element,
    now.element,
    note("Press a number of Y, or Enter on it, to ask why it is what it is. Every number of X, K "
      + "and B can be edited."),
    row(lettering.element, bias.element),
    sizes.element,
    colours.element,
    ask({
      id: "maps",
      text: "An input of two channels meets three kernels. How often is ⋆ computed, and how many "
        + "maps come out?",
      choices: ["2 times, 2 maps", "3 times, 3 maps", "6 times, 3 maps"],
      answer: 2,
      because: "A kernel has a channel of its own for each channel of the input, so each of the "
        + "three is at work twice. What the two channels give is added up in one map: the channels "
        + "are gone, and the kernels are the new channels.",
      reveals: [channels],
    }),
    channels,
    deckSays(
      "The loops “directly mirror the i and j indices from the mathematical summation”.",
      "In the deck’s formula j is the output and i the input; in its Python, and in its formula "
        + "for dE/dX, they are exchanged. The Swift here keeps the formula’s letters everywhere. "
        + "Its return stands there once, the deck’s twice."));
  ctx.source.append(code.deck.element, code.layer.element, code.operator.element);
  ctx.register(forget);

  spell();
  typed();
  pass.show();

  // What somebody does.

  function go(step) {
    state.step = step;
    ctx.write(schema, state);
    const isHere = pass.has();
    pass.show().then((isShown) => {
      if (isShown && !isHere) ctx.announce(`Step ${state.step} of ${total}. ${said}`);
    });
  }

  function edit(values) {
    Object.assign(state, values);
    ctx.write(schema, state);
    pass.reset();
    pass.show();
  }

  function resize(wanted) {
    Object.assign(state, fitted(state, wanted, isTied()));
    state.step = Math.min(state.step, stepCount());
    typed();
    edit({});
  }

  function open(example) {
    Object.assign(state, {
      x: volume(example.x).default, k: kernels(example.k).default, b: volume(example.b).default,
      bias: example.bias ?? "perPosition", step: 0,
    });
    bias.set(state.bias);
    resize({});
  }

  /** Writes the letters that are chosen into formula and names. */
  function spell() {
    const { out, into } = letters[state.letters];
    formulas.replaceChildren(formula(layerFormula(out, into), {
      label: `Y ${out} is B ${out} plus the sum over ${into} of X ${into} star K ${out} ${into}`,
    }), formula(termFormula(out, into), {
      label: `X ${into} star K ${out} ${into} at row r and column c is the sum over u and v of X `
        + `${into} at r plus u and c plus v, times K ${out} ${into} at u and v`,
    }));
    now.spell(out, into);
    code.deck.element.hidden = state.letters !== "deck";
  }

  // What is shown.

  /** What was typed, before any answer: so it stays when none comes. */
  function typed() {
    x.set(state.x);
    k.set(state.k);
    b.set(state.b);
    sizes.set(sizesOf(state));
    layer.classList.toggle("is-many", areMany(state));
  }

  function render(answer, taken) {
    const step = taken.at(-1);
    const scale = scaleOf(state.x, state.k, answer.start, answer.y, answer.partial);
    x.set(state.x, { scale });
    k.set(state.k, { scale });
    b.set(state.b, { scale });
    y.set(after(answer.before, taken, "j"), { scale });
    partial.set(finished(answer.partial), { scale });
    colours.set(scale);
    ({ total } = answer);
    steps.set({ total, step: state.step });
    mark(step);
    const lines = step ? step.lines : answer.lines.slice(0, 1);
    said = now.set(step, lines);
    code.layer.set(lines);
    code.operator.set(lines);
    code.deck.set(step !== undefined);
  }

  function mark(step) {
    const { kernelRows, kernelColumns } = sizesOf(state);
    if (!step) {
      for (const grids of [x, k, b, y, partial]) grids.mark();
      return;
    }
    const { j, i, window, left, right, target } = step;
    const at = [target.row, target.column];
    x.mark({
      channel: i, window: { ...window, rows: kernelRows, columns: kernelColumns },
      cells: [[left.position.row, left.position.column]],
    });
    k.mark({ j, i, cells: [[right.position.row, right.position.column]] });
    b.mark({ channel: j, cells: [isTied() ? [0, 0] : at] });
    y.mark({ channel: j, target: at });
    partial.mark({ j, i, target: at });
  }

  function forget() {
    said = "";
    mark();
  }

  /** The channels' maps, with only those numbers that all products are in. */
  function finished(maps) {
    const isDone = (...place) => state.step >= stepsBefore(...place) + productCount();
    return maps.map((channels, j) => channels.map((map, i) =>
      map.map((line, r) => line.map((n, c) => (isDone(j, i, r, c) ? n : null)))));
  }

  // Why this number?

  async function whyOutput(j, r, c) {
    const places = state.x.map((_, i) => stepsBefore(j, i, r, c));
    const done = await doneAt(places);
    return done && products({
      title: cell(`Y[${j}]`, { row: r, column: c }) + (state.step < stepCount() ? " so far" : ""),
      start: { name: `B[${j}]`, value: isTied() ? state.b[j][0][0] : state.b[j][r][c] },
      terms: done.flat().map(asTerm),
      note: done.flat().length === 0 ? "No product has been added yet." : undefined,
    });
  }

  async function whyPartial(j, i, r, c) {
    const done = await doneAt([stepsBefore(j, i, r, c)]);
    return done && products({
      title: `What X[${i}] adds to ${cell(`Y[${j}]`, { row: r, column: c })}`,
      terms: done.flat().map(asTerm),
      note: `The sums are those of Y[${j}], with the bias and the channels before.`,
    });
  }

  /** Of the runs of products that begin at some places, the steps that have been done. */
  async function doneAt(places) {
    const runs = await stepsAt(ctx, path, body(), places, productCount());
    return runs?.map((run, index) => run.slice(0, Math.max(0, state.step - places[index])));
  }

  // Counting.

  function body() {
    return { x: state.x, k: state.k, b: state.b };
  }

  function isTied() {
    return state.bias === "perChannel";
  }

  /** The products under one window. */
  function productCount() {
    const { kernelRows, kernelColumns } = sizesOf(state);
    return kernelRows * kernelColumns;
  }

  /** The steps before the first product of X_i in Y_j at r and c. */
  function stepsBefore(j, i, r, c) {
    const { channels, outputRows, outputColumns } = sizesOf(state);
    return (((j * channels + i) * outputRows + r) * outputColumns + c) * productCount();
  }

  function stepCount() {
    return stepsBefore(state.k.length, 0, 0, 0);
  }
}

function layerFormula(out, into) {
  return symbol("Y", matrix("Y", out)) + operator("=")
    + symbol("B", matrix("B", out)) + operator("+") + sum(`${into}=0`, "n−1")
    + symbol("X", matrix("X", into)) + operator("⋆") + symbol("K", matrix("K", out + into));
}

function termFormula(out, into) {
  const [x, k] = [matrix("X", into), matrix("K", out + into)];
  const star = symbol("X", x) + operator("⋆") + symbol("K", k);
  return `<msub><mrow>${operator("(")}${star}${operator(")")}</mrow>${index("rc")}</msub>`
    + operator("=") + sum("u,v")
    + symbol("X", x + place("r+u", "c+v")) + operator("·") + symbol("K", k + place("u", "v"));
}

export default {
  title: titles[2],
  slide: "Slides 4 and 6: The forward pass · Implementing the forward pass",
  question: "Which products make one number of an output map, and which line makes them?",
  mount,
};
