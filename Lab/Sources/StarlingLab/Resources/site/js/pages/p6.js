// Page 6: what goes back to the input, told from both of its ends: dE/dY scatters it, X gathers it.

import { latest } from "../api.js";
import { el } from "../dom.js";
import { count, missing } from "../format.js";
import { legend, scaleOf, stack } from "../grid.js";
import { beside, whyMeasured } from "../layer/beside.js";
import { kernelGrids } from "../layer/kernels.js";
import { gradient, matrix, operator, place, sum, symbol } from "../layer/mathml.js";
import {
  areMany, begin, cell, exampleButtons, fitted, sizeSliders, sizesOf, smallExample, twoByTwo,
} from "../layer/numbers.js";
import { wayBack } from "../layer/wayback.js";
import {
  ask, button, choice, deckSays, equation, formula, note, output, row, section, source,
} from "../parts.js";
import { choice as oneOf, integer, kernels, volume } from "../state.js";
import { titles } from "../titles.js";

const path = "/api/backward";

const schema = {
  x: volume(smallExample.x),
  k: kernels(smallExample.k),
  dY: volume(smallExample.dY),
  mistake: oneOf("none", "notRotated"),
  scatter: integer(0, 0, 100000),
  gather: integer(0, 0, 100000),
  way: oneOf("scatter", "gather"),
};

const examples = [
  { name: "A small example", ...smallExample },
  { name: "Two channels, two kernels", ...twoByTwo },
  { name: "One number goes back", ...smallExample, dY: "0 0; 0 1" },
  { name: "A symmetric kernel", x: "1 6 2; 5 3 1; 7 0 4", k: "1 2; 2 1", dY: "1 0; 2 -1" },
];

const layerFormula = gradient("dX", matrix("X", "i")) + operator("=") + sum("j=0", "d−1")
  + gradient("dY", matrix("Y", "j")) + operator("∗") + symbol("K", matrix("K", "ji"));

const scatterFormula = gradient("dX", matrix("X", "i") + place("r+u", "c+v")) + operator("+=")
  + gradient("dY", matrix("Y", "j") + place("r", "c")) + operator("·")
  + symbol("K", matrix("K", "ji") + place("u", "v"));

function mount(ctx) {
  const state = ctx.read(schema);
  begin(ctx, state);

  const x = stack({ name: "X", isEditable: true, onEdit: (value) => edit({ x: value }) });
  const k = kernelGrids({ name: "K", isEditable: true, onEdit: (value) => edit({ k: value }) });
  const dY = stack({ name: "dY", isEditable: true, onEdit: (value) => edit({ dY: value }) });
  const colours = legend();
  const sizes = sizeSliders({ sizes: sizesOf(state), onInput: (wanted) => resize(wanted) });

  const ways = Object.fromEntries(["scatter", "gather"].map((way) => [way, wayBack(ctx, {
    way, numbers: () => state, step: () => state[way],
    onStep: (step) => {
      Object.assign(state, { [way]: step, way });
      ctx.write(schema, state);
    },
    // Of the two, the source shows the one that was stepped last.
    onLines: (lines) => { if (state.way === way) code.forEach((each) => each.set(lines)); },
    remark: () => (state.mistake === "none"
      ? "" : "So it must be; the dE/dX that is checked has the planted mistake."),
  })]));

  const result = Object.fromEntries(["scattering", "gathering", "dX"].map((name) => [name, stack({
    name, symbol: "dX", kind: "X", isGradient: true,
    label: (channel) => (name === "dX" ? `dE/dX[${channel}]` : `by ${name}[${channel}]`),
    why: (channel, r, c) => whyResult(name, channel, r, c),
  })]));
  const measured = stack({
    name: "dX-measured", symbol: "dX", kind: "X", label: (channel) => `measured at X[${channel}]`,
    why: () => whyMeasured,
  });
  const verdict = el("p", { class: "verdict" }, missing);
  const hiddenMistake = el("p", { class: "verdict", hidden: true }, "A mistake is planted, and here "
    + "nobody can see it: with these numbers it makes no difference whether the kernel is turned, "
    + "and so the check passes. Another K brings it to light.");
  const planted = el("p", { class: "verdict", hidden: true }, "A mistake is planted: dE/dX is "
    + "gathered with the kernel as it is. The shape is right, and nothing complains. Only the "
    + "check tells.");
  const verification = beside("dX", result.dX, measured);
  const error = output("error");
  const mistake = choice({
    label: "The kernel in gathering", value: state.mistake,
    options: [
      { value: "none", label: "turned by 180°, as it must be" },
      { value: "notRotated", label: "planted mistake: not turned" },
    ],
    onInput: (value) => change({ mistake: value }),
  });
  const counts = ["corner", "edge", "middle"].map((name) => ({
    at: undefined, place: el("span"), windows: output(`windows-${name}`, count),
  }));
  const [reached, missed] = [el("span"), el("span", {},
    "In gathering the missing ones are products with the zeros around.")];
  const borders = el("p", {}, reached,
    counts.map(({ place, windows }, n) =>
      [place, " in ", windows.element, n < counts.length - 1 ? ", " : ". "]),
    missed);
  const parts = kernelGrids({
    name: "part", symbol: "dX", kind: "X", isGradient: true,
    label: (out, into) => `dE/dY[${out}] ∗ K[${out}, ${into}]`,
    why: (out, into) => `What kernel ${out} alone sends back to X[${into}]. The true `
      + `dE/dX[${into}] is the sum over the kernels.`,
  });
  const single = el("p", {}, "Here is one kernel, and so the sum has one term. ");
  single.append(
    button({ label: "Take two kernels", onClick: () => resize({ kernels: 2 }) }).element);
  const code = [
    source("ConvolutionalLayer.swift", {
      lines: [46, 47, 48], symbols: { 47: "X dY", 48: "dX dY K" },
    }),
    source("InputGradient.swift", { lines: [15, 16, 17], symbols: { 12: "dX", 17: "dX dY K" } }),
    source("CrossCorrelation.swift", {
      lines: [20, 21, 22, 35], symbols: { 22: "dX dY K", 35: "dX dY K" },
    }),
  ];

  const given = equation(x.element, "⋆", k.element, "→", dY.element);
  const results = equation(result.scattering.element, "=", result.gathering.element);
  const oneResult = section("One result",
    results,
    verdict,
    el("p", {}, "The finite difference moves each number of X up and down a little and measures "
      + "the error E\u00a0=\u00a0Σ\u00a0dE/dY\u00a0⊙\u00a0Y\u00a0=\u00a0", error.element,
    ". It knows neither way, and so it can judge both."),
    row(mistake.element),
    verification.element,
    planted, hiddenMistake,
    borders);

  ctx.main.append(
    formula(layerFormula, {
      label: "dE by dX i is the sum over j of dE by dY j convolved with K j i",
    }),
    el("p", {}, "The layer before asks how the error changes with each number of X, which is its "
      + "own output. Every number of X has been in several windows, and through each of them it "
      + "had a part in the error."),
    exampleButtons(examples, open),
    given,
    note("X, K and dE/dY can be edited. For dE/dX only the sizes of X matter: the layer is linear "
      + "in it."),
    sizes.element,
    colours.element,
    ask({
      id: "rotation",
      text: "Scattering sends dE/dY · K back with the kernel as it is. To gather the same numbers "
        + "with ⋆, what must be done with the kernel?",
      choices: ["Nothing", "Turn it by 180°", "Transpose it"],
      answer: 1,
      because: "Follow one number of X: it lay under the first weight in its last window, and "
        + "under the last weight in its first. Whoever stands in X meets the kernel backwards. "
        + "That is the whole secret of the convolution in the backward pass.",
      // The source has it too, and so has the choice of a mistake.
      reveals: [ways.gather.element, oneResult, code[2].element],
    }),
    section("Two ways back",
      formula(scatterFormula, {
        label: "dE by dX i at r plus u, c plus v grows by dE by dY j at r, c, times K j i at u, v",
      }),
      el("div", { class: "two" }, ways.scatter.element, ways.gather.element)),
    oneResult,
    section("The sum over the kernels",
      el("p", {}, "Forward, an output map sums over the input’s channels. Backward, an input "
        + "channel sums over the outputs, for all of them have used it: the loops are the same "
        + "two, and the sum has changed sides."),
      single,
      parts.element),
    deckSays(
      "dE/dX_j = Σ_i dE/dY_i ∗ K_ij, with i from 0 to d − 1.",
      "The same, with the letters exchanged: here i is the output, where in the forward formula it "
        + "was the input. It is dE/dX_i = Σ_j dE/dY_j ∗ K_ji, in the letters of the forward "
        + "pass."));
  ctx.source.append(...code.map((each) => each.element));
  ctx.register(() => { verdict.textContent = missing; });

  clamp();
  typed();
  compute();

  // What somebody does.

  function change(values) {
    Object.assign(state, values);
    ctx.write(schema, state);
    compute();
  }

  function edit(values) {
    for (const way of Object.values(ways)) way.reset();
    change(values);
  }

  function resize(wanted) {
    Object.assign(state, fitted(state, wanted));
    clamp();
    typed();
    edit({});
  }

  function open(example) {
    Object.assign(state, {
      x: volume(example.x).default, k: kernels(example.k).default, dY: volume(example.dY).default,
      scatter: 0, gather: 0,
    });
    resize({});
  }

  function clamp() {
    for (const [name, way] of Object.entries(ways)) {
      state[name] = Math.min(state[name], way.count());
    }
  }

  // What is shown.

  function body(weights, given) {
    return { x: state.x, k: weights, dY: given, bias: "perPosition", mistake: state.mistake };
  }

  function compute() {
    ctx.computed(
      () => latest("backward", path, body(state.k, state.dY)), show, { key: "backward" });
    ctx.computed(partsByKernel, (answers) => {
      parts.element.hidden = answers.length < 2;
      single.hidden = answers.length > 1;
      // Not dX, in which a mistake may be planted.
      parts.set(answers.map((answer) => answer.gathering));
    }, { key: "parts" });
    for (const way of Object.values(ways)) way.show();
  }

  /** What each kernel alone sends back: the whole pass, with that kernel and its dE/dY only. */
  async function partsByKernel() {
    const answers = await Promise.all(state.k.map((kernel, out) =>
      latest(`part ${out}`, path, body([kernel], [state.dY[out]]))));
    return answers.includes(undefined) ? undefined : answers;
  }

  /** What was typed, before any answer: so it stays when none comes. */
  function typed() {
    x.set(state.x);
    k.set(state.k);
    dY.set(state.dY);
    sizes.set(sizesOf(state));
    reach();
    for (const element of [given, results, verification.element]) {
      element.classList.toggle("is-many", areMany(state));
    }
  }

  function show(answer) {
    const found = answer.checks.find((each) => each.name === "dX");
    const scale = scaleOf(state.x, state.k, state.dY, answer.scattering, answer.dX);
    x.set(state.x, { scale });
    k.set(state.k, { scale });
    dY.set(state.dY, { scale });
    for (const [name, grids] of Object.entries(result)) grids.set(answer[name], { scale });
    colours.set(scale);
    verification.set(found, scale);
    error.set(answer.error);
    verdict.textContent = answer.areEqual
      ? "Equal, element by element. It is one sum, taken in two orders." : "Not equal.";
    planted.hidden = state.mistake === "none" || found.result !== "fail";
    hiddenMistake.hidden = state.mistake === "none" || found.result !== "pass";
    missed.hidden = new Set(answer.windows.flat()).size === 1;
    reached.textContent = missed.hidden
      ? "Here the borders get as many terms as the middle, for as many windows reach them. "
      : "Borders get fewer terms, for fewer windows reach them. ";
    for (const { at, windows } of counts) windows.set(answer.windows[at.row][at.column]);
  }

  /** Of dE/dX with a mistake in it the right sum is no explanation, and that is said. */
  async function whyResult(name, channel, r, c) {
    const sum = await (name === "scattering" ? ways.scatter : ways.gather).why(channel, r, c);
    if (!sum || name !== "dX" || state.mistake === "none") return sum;
    return el("div", {}, el("p", {}, "A mistake is planted: the number in this cell was gathered "
      + "with the kernel as it is. It ought to be this:"), sum);
  }

  /** The corner, an edge and the middle of X, whose windows are counted. */
  function reach() {
    const { rows, columns } = sizesOf(state);
    const [row, column] = [rows, columns].map((n) => Math.floor((n - 1) / 2));
    [{ row: 0, column: 0 }, { row: 0, column }, { row, column }].forEach((at, n) => {
      counts[n].at = at;
      counts[n].place.textContent = cell("X[0]", at).replace(" ", "\u00a0");
    });
  }
}

export default {
  title: titles[5],
  slide: "Slides 9 and 10: The complete formulae · Implementing the backward pass",
  question: "One number of X was in many windows. How does its share of the error come back to it?",
  mount,
};
