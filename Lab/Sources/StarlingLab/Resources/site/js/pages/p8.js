// Page 8: the deck's network. Seven layers, a real digit on its way through them, and one number
// followed from the pixels to the score.

import { get, latest, patience } from "../api.js";
import { chooser } from "../digits/chooser.js";
import { area, depth, hidden, side } from "../digits/deck.js";
import { shapeText } from "../digits/layers.js";
import { sevenLayers } from "../digits/seven.js";
import { traced } from "../digits/traced.js";
import { el } from "../dom.js";
import { count } from "../format.js";
import { image } from "../grid.js";
import { ask, choice, deckSays, formula, note, output, row, section, source } from "../parts.js";
import * as state from "../state.js";
import { titles } from "../titles.js";

const schema = {
  network: state.choice("trained", "untrained"),
  number: state.integer(2 * area + 4 * side + 14, 0, depth * area - 1),
  unit: state.integer(0, 0, hidden - 1),
  score: state.integer(0, 0, 1),
};

export default {
  title: titles[7],
  slide: "Slides 11 and 13: Solving the MNIST challenge · The final architecture",
  question: "What does each of seven layers make of one handwritten digit?",
  mount,
};

function mount(ctx) {
  const at = ctx.read(schema);
  const write = () => ctx.write(schema, at);

  // The digit, and which network reads it.

  const input = image({ name: "X", label: "What goes in: 28×28 pixels", size: 168 });
  const label = output("label", (text) => text);
  let digit;
  const digits = chooser(ctx, { onDigit: (chosen) => { digit = chosen; activate(); } });
  const network = choice({
    label: "Network", value: at.network,
    options: [
      { value: "trained", label: "after the deck’s training" },
      { value: "untrained", label: "before it" },
    ],
    onInput: (value) => { at.network = value; write(); activate(); },
  });

  /** Which digit is seen by which network, as the server is asked. */
  function seen() {
    const { set, part, class: name, index } = digit;
    return { digit: { set, part, class: name, index }, run: at.network };
  }

  function activate() {
    if (!digit) return;
    const asked = seen();
    ctx.computed(
      // The first question to the trained network waits until it has been trained.
      () => latest("activations", "/api/activations", asked, patience),
      (found) => show(found, asked), { key: "activations" });
  }

  // The layers, as a table of counts and as pictures.

  const total = output("total", count);
  const layers = sevenLayers(ctx, (layer, n) => number.follow(layer, n));
  const body = el("tbody");
  const table = el("table", { class: "data", "data-grid": "layers" },
    el("caption", {}, "The deck’s seven layers"),
    el("thead", {}, el("tr", {},
      el("th", { scope: "col", class: "is-text" }, "layer"),
      ["parameters", "in", "out"].map((text) => el("th", { scope: "col" }, text)))),
    body);

  ctx.computed(() => get("/api/network", patience), (built) => {
    body.replaceChildren(...built.layers.map((layer) => el("tr", {},
      el("th", { scope: "row" }, `${layer.position}\u2002`, el("code", {}, layer.recipe)),
      el("td", { "data-computed": true, "data-value": layer.parameters }, count(layer.parameters)),
      [layer.input, layer.output].map((shape) =>
        el("td", { "data-computed": true }, shapeText(shape))))),
    el("tr", { class: "total" },
      el("th", { scope: "row" }, "together"),
      el("td", { "data-computed": true, "data-value": built.total }, count(built.total)),
      el("td"), el("td")));
    total.set(built.total);
    layers.describe(built.layers);
  }, { key: "network" });

  function show(found, asked) {
    input.set(found.pixels);
    label.set(found.label);
    layers.show(found.layers);
    number.show(found, asked);
  }

  const number = traced(ctx, { at, write });

  const layerTable = el("div", {
    class: "scroll", role: "region", tabindex: "0", "aria-label": "Table of the layers",
  }, table);
  const erratum = deckSays(["“B", el("sub", {}, "j"), ": the bias matrix.”"],
    "That makes 3,380 biases to 45 weights. It is the deck’s layer and it is right, but it is "
      + "not what other libraries call a convolution: theirs have one bias a map.");
  const code = [
    source("ConvolutionalLayer.swift", {
      lines: [30, 31, 32, 33], around: 1, symbols: { 30: "B Y", 33: "X K Y" },
    }),
    source("Sigmoid.swift", { lines: [18], around: 1, symbols: { 18: "A h p" } }),
    source("Reshape.swift", { lines: [30], around: 1, symbols: { 30: "x" } }),
    source("Dense.swift", { lines: [34, 35], around: 1, symbols: { 35: "x h s p" } }),
  ];

  ctx.main.append(
    ask({
      id: "biases",
      text: "The convolution has five kernels of 3×3, which makes 45 numbers. How many biases "
        + "does it have?",
      choices: [
        "5: one for each kernel", "3,380: one for each place of its output",
        "None: only dense layers have biases",
      ],
      answer: 1,
      because: "In the deck each map’s bias is a matrix as large as the map, so that there are "
        + "5×26×26 biases: 75 times as many numbers as in the kernels. Most libraries tie them to "
        + "one a map; the anatomy’s page counts both.",
      reveals: [layerTable, erratum, ...layers.learned],
    }),
    formula(`<mi data-symbol="h">h</mi><mo>=</mo><mi>σ</mi><mo>(</mo>
      <msub><mi>w</mi><mn>3</mn></msub><mo>·</mo><mi data-symbol="x">r</mi><mo>(</mo>
      <mi data-symbol="A">σ</mi><mo>(</mo>
      <mi data-symbol="B">B</mi><mo>+</mo><mi data-symbol="X">X</mi><mo>⋆</mo>
      <mi data-symbol="K">K</mi><mo>)</mo><mo>)</mo><mo>+</mo>
      <msub><mi>b</mi><mn>3</mn></msub><mo>)</mo>`,
    { label: "h is sigma of w 3 times the reshaped sigma of B plus X star K, plus b 3" }),
    formula(`<mover data-symbol="p"><mi>y</mi><mo>^</mo></mover><mo>=</mo><mi>σ</mi><mo>(</mo>
      <msub><mi>w</mi><mn>5</mn></msub><mo>·</mo><mi data-symbol="h">h</mi><mo>+</mo>
      <msub><mi>b</mi><mn>5</mn></msub><mo>)</mo>`,
    { label: "y hat is sigma of w 5 times h, plus b 5" }),
    el("p", {}, "To tell handwritten zeros from ones, the convolution gets a supporting cast: ",
      "a reshape, two dense layers, and a sigmoid after everything that learns. ",
      total.element, " numbers are learned in all."),
    el("div", { class: "two" }, code.map((each) => each.element)),
    layerTable,

    section("One digit in every layer",
      digits.element, row(network.element),
      el("div", { class: "two" }, el("div", {}, input.element),
        el("div", {}, el("p", {}, "The network’s answer: ", el("strong", {}, label.element)),
          note("Press any place in a picture below to follow that number. Maps before a sigmoid ",
            "have a sign: blue is below 0, brown above. What a sigmoid leaves is grey, from 0, ",
            "black, to 1, white."))),
      layers.element),

    section("One number on its way", number.elements),
    erratum,
  );
}

