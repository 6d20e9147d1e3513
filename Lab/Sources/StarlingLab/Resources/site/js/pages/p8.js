// Page 8: the deck's network. Seven layers, a real digit on its way through them, and one number
// followed from the pixels to the score.

import { get, latest } from "../api.js";
import { asked } from "../digits/asked.js";
import { chooser } from "../digits/chooser.js";
import { maps, pickable, rows, shapeText } from "../digits/layers.js";
import { scores } from "../digits/scores.js";
import { el } from "../dom.js";
import { count, number, plain } from "../format.js";
import { grid, image, scaleOf } from "../grid.js";
import { asTerm } from "../layer/trace.js";
import {
  ask, choice, deckSays, equation, formula, note, output, products, row, section, slider, source,
} from "../parts.js";
import * as state from "../state.js";
import { teller } from "../teller.js";
import { titles } from "../titles.js";

/** Shapes that the deck gives: five kernels of 3×3 on 28×28. */
const [depth, side, kernelSize] = [5, 26, 3];
const area = side * side;
const hidden = 100;

const schema = {
  network: state.choice("trained", "untrained"),
  number: state.integer(2 * area + 4 * side + 14, 0, depth * area - 1),
  unit: state.integer(0, 0, hidden - 1),
  score: state.integer(0, 0, 1),
};

/** Why a dense layer's number is what it is: the sums are too long to be written out. */
const sums = {
  z: "A bias, and 3,380 products: each number of the column times the weight that leads from it to "
    + "this hidden number. Page 4 shows such a sum, term by term.",
  s: "A bias, and 100 products: each hidden number times the weight that leads from it to this "
    + "output. Page 4 shows such a sum, term by term.",
};

/** What a layer is there for, and how its numbers are shown. */
const layers = [
  { does: "Five kernels look at every 3×3 window of the picture.", shows: signedMaps },
  { does: "Each number by itself, pressed between 0 and 1.", shows: greyMaps },
  {
    does: "The five maps one after the other, row by row, in one column. Shown here 65 to a line.",
    shows: (pick) => [picture("x", "one column", "pixels", 65, 195, 52, pick)],
  },
  {
    does: "Each of 100 numbers is a bias and a sum over the column. Shown here ten to a line.",
    shows: (pick) => [picture("z", "100 numbers", "signed", 10, 130, 10, pick)],
  },
  {
    does: "Pressed between 0 and 1 again.",
    shows: (pick) => [picture("h", "100 numbers", "pixels", 10, 130, 10, pick)],
  },
  {
    does: "One number for “0”, one for “1”: each a bias and a sum over all 100.",
    shows: (pick) => [column(pick)],
  },
  { does: "The two scores. The larger one is the answer.", shows: (pick, ctx) => [answers(ctx)] },
];

export default {
  title: titles[7],
  slide: "Slides 11 and 13: Solving the MNIST challenge · The final architecture",
  question: "What does each of seven layers make of one handwritten digit?",
  mount,
};

function mount(ctx) {
  const at = ctx.read(schema);
  const write = () => ctx.write(schema, at);
  const tell = teller(ctx);
  let answer;

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

  const activate = () => digit && ctx.computed(() => {
    // The first question to the trained network waits until it has been trained.
    return latest("activations", "/api/activations", seen(), { limit: 30000 });
  }, show, { key: "activations" });

  // The layers, as a table of counts and as pictures.

  const total = output("total", count);
  const list = el("ol", { class: "layers" });
  const views = layers.map(({ does, shows }, position) => {
    const shown = shows((n) => follow(position, n), ctx);
    const name = el("h3", {}, "Layer ", position);
    const recipe = el("code", {}, "");
    const facts = output(`layer-${position}`, (text) => text);
    const learned = output(`learned-${position}`, (text) => text);
    const toLearn = el("span", {}, ", ", learned.element);
    list.append(el("li", {},
      el("div", {}, name, el("p", {}, recipe), el("p", {}, does),
        el("p", { class: "status" }, facts.element, toLearn)),
      el("ul", { class: "pictures" }, shown.map(({ element }) => el("li", {}, element)))));
    return { shown, name, recipe, facts, learned, toLearn };
  });
  const body = el("tbody");
  const table = el("table", { class: "data", "data-grid": "layers" },
    el("caption", {}, "The deck’s seven layers"),
    el("thead", {}, el("tr", {},
      el("th", { scope: "col", class: "is-text" }, "layer"),
      ["parameters", "in", "out"].map((text) => el("th", { scope: "col" }, text)))),
    body);

  ctx.computed(() => get("/api/network"), (built) => {
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
    built.layers.forEach((layer, n) => {
      views[n].name.textContent = `${layer.position}  ${layer.name}`;
      views[n].recipe.textContent = layer.recipe;
      views[n].facts.set(`${shapeText(layer.input)} → ${shapeText(layer.output)}`);
      views[n].learned.set(
        layer.parameters ? `${count(layer.parameters)} parameters` : "nothing to learn");
    });
  }, { key: "network" });

  function show(found) {
    answer = found;
    input.set(found.pixels);
    label.set(found.label);
    found.layers.forEach((layer, n) => {
      views[n].shown.forEach((view, part) => view.show(layer, part));
    });
    trace();
  }

  // One number on its way. What comes before a number is found by its position alone.

  const sum = {
    x: grid({
      name: "window", label: "its window of X", kind: "pixels", symbol: "X",
      rows: kernelSize, columns: kernelSize,
      why: () => why("A pixel of the digit, from 0, black, to 1, white. What it does:"),
    }),
    k: grid({
      name: "K", label: "its kernel", rows: kernelSize, columns: kernelSize,
      why: () => why(learned()),
    }),
    b: grid({ name: "B", label: "its bias", hasIndices: false, why: () => why(learned()) }),
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
    places.map.textContent = `Y[${j}][${r}, ${c}]`;
    places.number.textContent = `number ${count(at.number)} of the column`;
    places.unit.textContent = `hidden number ${at.unit}`;
    places.score.textContent = `output ${at.score}`;
    if (!answer) return;
    lookInto(j, r, c);
    const from = [at.number, at.number, at.number, at.unit, at.unit, at.score, at.score];
    ["y", "a", "x", "z", "h", "s", "p"].forEach((name, n) =>
      values[name].set(answer.layers[n].values[from[n]]));
    const [y, h, p] = ["y", "h", "p"].map((name) => values[name].element.textContent);
    const [map, unit, score] = ["map", "unit", "score"].map((name) => places[name].textContent);
    tell(`Read as ${answer.label}. ${map} is ${y}, ${unit} is ${h}, ${score} is ${p}.`);
  }
  ctx.register(() => {
    answer = undefined;
    terms = undefined;
  });

  /** The products of one number of the convolution. */
  function lookInto(map, row, column) {
    terms = undefined;
    ctx.computed(() => latest("window", "/api/window", { ...seen(), map, row, column }), (found) => {
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
    }, { key: "window" });
  }

  /** Where a part of the sum comes from, and the sum. */
  function why(text) {
    return terms && el("div", {}, el("p", {}, text), terms);
  }

  function learned() {
    return at.network === "untrained"
      ? "Drawn at random at the start; nothing has been learned yet. What it does:"
      : "Drawn at random at the start; after each image of the training, the learning rate times "
        + "its gradient was taken off it. What it does now:";
  }

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
      reveals: [layerTable, erratum, ...views.map((view) => view.toLearn)],
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
      list),

    section("One number on its way",
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
        el("li", {}, "and its score, after the last sigmoid: ", asks.p))),
    erratum,
  );
  trace();
}

/** Five maps whose numbers have signs. */
function signedMaps(pick) {
  return Array.from({ length: depth }, (_, j) => map("Y", `Y[${j}]`, "signed", j, pick));
}

/** Five maps of numbers from 0 to 1. */
function greyMaps(pick) {
  return Array.from({ length: depth }, (_, j) => map("A", `σ(Y[${j}])`, "pixels", j, pick));
}

function map(name, label, kind, channel, pick) {
  const view = image({ name, label, kind, channel, size: 92 });
  pickable(view.canvas, { height: side, width: side },
    (r, c) => pick(channel * area + r * side + c));
  return {
    element: view.element,
    show: (layer, part) => view.set(maps(layer)[part], { scale: scaleOf(layer.values) }),
  };
}

/** A column of numbers, broken into lines to make a picture. */
function picture(name, label, kind, width, size, height, pick) {
  const view = image({ name, label, kind, size });
  pickable(view.canvas, { height, width }, (r, c) => pick(r * width + c));
  return { element: view.element, show: (layer) => view.set(rows(layer.values, width)) };
}

/** The two numbers before the last sigmoid. */
function column(pick) {
  const view = grid({
    name: "s", label: "before the sigmoid", kind: "plain", rows: 2, columns: 1, onPick: pick,
    why: () => sums.s,
  });
  return { element: view.element, show: (layer) => view.set(rows(layer.values, 1)) };
}

/** The scores. */
function answers(ctx) {
  const view = scores(ctx);
  return {
    element: el("div", { "data-symbol": "p" }, view.element),
    show: (layer) => view.set(layer.values),
  };
}
