// Page 2: volumes in, volumes out, and how many numbers there are to learn.

import { latest } from "../api.js";
import { el } from "../dom.js";
import { count, missing } from "../format.js";
import {
  ask, button, choice, deckSays, formula, note, output, row, section, slider, source,
} from "../parts.js";
import { depths, space } from "../space.js";
import { choice as oneOf, integer } from "../state.js";
import { titles } from "../titles.js";

const schema = {
  channels: integer(1, 1, 4),
  size: integer(28, 1, 32),
  depth: integer(5, 1, 16),
  kernel: integer(3, 1, 32),
  bias: oneOf("perPosition", "perChannel"),
};

const examples = [
  { name: "The deck’s layer", channels: 1, size: 28, depth: 5, kernel: 3 },
  { name: "A picture in colour", channels: 3, size: 32, depth: 8, kernel: 5 },
  { name: "A kernel as large as X", channels: 2, size: 6, depth: 4, kernel: 6 },
  { name: "A kernel that does not fit", channels: 1, size: 6, depth: 2, kernel: 8 },
];

const layerFormula = `
  <mrow>
    <msub data-symbol="Y"><mi>Y</mi><mi>j</mi></msub>
    <mo>=</mo>
    <msub data-symbol="B"><mi>B</mi><mi>j</mi></msub>
    <mo>+</mo>
    <munderover>
      <mo>∑</mo>
      <mrow><mi>i</mi><mo>=</mo><mn>0</mn></mrow><mrow><mi>n</mi><mo>−</mo><mn>1</mn></mrow>
    </munderover>
    <msub data-symbol="X"><mi>X</mi><mi>i</mi></msub>
    <mo>⋆</mo>
    <msub data-symbol="K"><mi>K</mi><mrow><mi>j</mi><mi>i</mi></mrow></msub>
  </mrow>`;

function mount(ctx) {
  const state = ctx.read(schema);

  // The sizes of X and K were chosen, those of B and Y are computed.
  const names = {
    X: el("span", {}), K: el("span", {}), B: output("B", String), Y: output("Y", String),
  };
  const ofTied = el("span", {});
  const volumes = Object.fromEntries(["X", "K", "B", "Y"].map((name) => [name, space({
    name, kind: name,
    caption: [el("b", {}, name), " ", names[name].element ?? names[name], name === "B" && ofTied],
  })]));
  const numbers = Object.fromEntries(["kernels", "biases", "total", "windows", "multiplyAdds"]
    .map((name) => [name, output(name, count)]));
  const sides = Array.from({ length: 6 }, () => output("side", count));
  const factors = Object.fromEntries(["kernels", "biases", "windows", "multiplyAdds"]
    .map((name) => [name, el("td", {})]));

  const whole = note("The kernel is as large as X: there is one window, and each map of Y is a "
    + "single number. A kernel that sees everything at once is a dense layer; page 4 goes on from "
    + "here.");
  const misfit = note("The window hangs over the edge of X, and valid cross-correlation has no "
    + "place for it. A kernel may have as many rows and columns as X, and no more.");

  const controls = {
    channels: slider({
      label: "Channels of X", min: 1, max: 4, value: state.channels,
      onInput: (channels) => change({ channels }),
    }),
    size: slider({
      label: "Side of X", min: 1, max: 32, value: state.size, onInput: (size) => change({ size }),
    }),
    depth: slider({
      label: "Depth: how many kernels", min: 1, max: 16, value: state.depth,
      onInput: (depth) => change({ depth }),
    }),
    kernel: slider({
      label: "Side of a kernel", min: 1, max: 32, value: state.kernel,
      onInput: (kernel) => change({ kernel }),
    }),
    bias: choice({
      label: "Biases", value: state.bias, onInput: (bias) => change({ bias }),
      options: [
        { value: "perPosition", label: "one a position (untied)" },
        { value: "perChannel", label: "one a kernel (tied)" },
      ],
    }),
  };

  const counts = section("How much there is to learn",
    row(controls.bias.element),
    el("div", {
      class: "scroll", role: "region", tabindex: "0", "aria-label": "Table of the numbers",
    }, el("table", {
      class: "data", "aria-label": "How the numbers come about",
    },
      el("thead", {}, el("tr", {},
        ["What", "How", "Numbers"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {},
        line("Weights in the kernels", factors.kernels, numbers.kernels),
        line("Biases", factors.biases, numbers.biases),
        line("Parameters in all", el("td", {}), numbers.total, "total"),
        line("Windows of X that a kernel lies on", factors.windows, numbers.windows),
        line("Products in a forward pass", factors.multiplyAdds, numbers.multiplyAdds)))),
    note("Kernels do not grow with the picture. Untied biases do."),
    deckSays(
      ["B", el("sub", {}, "j"), " is the bias matrix of the j-th kernel, and dE/dB = dE/dY."],
      "That is an untied bias, one number for each position of the output: 5×26×26 = 3,380 in the "
      + "deck’s network. Most libraries tie them: one number a kernel, 5 in that network, whose "
      + "gradient is the sum over the positions."));

  ctx.main.append(
    el("p", {}, "A layer takes a volume and gives a volume. X is a stack of channels. Each of the "
      + "kernels has as many channels as X, lies on all of them at once, and makes one map of Y."),
    formula(layerFormula, {
      label: "Y j is B j plus the sum, over the channels i, of X i star K j i",
    }),
    row(examples.map((example) =>
      button({ label: example.name, onClick: () => open(example) }).element)),
    el("div", { class: "volumes" },
      volumes.X.element, term("⋆", volumes.K), term("+", volumes.B), term("=", volumes.Y)),
    row(["channels", "size", "depth", "kernel"].map((name) => controls[name].element)),
    whole,
    misfit,
    el("p", {}, "The window on X, and the number of Y that comes of it, are marked. A kernel of k "
      + "rows can begin at input size − k + 1 of them: that is how large Y is."),
    ask({
      id: "parameters",
      text: "One channel of 28×28, five kernels of 3×3, a bias for each position of the output, as "
        + "in the deck. How many numbers has this layer to learn?",
      choices: ["45", "50", "3,425"],
      answer: 2,
      because: "45 weights are in the kernels, and 5×26×26 = 3,380 are biases. With one bias a "
        + "kernel, as most libraries have it, there would be 50.",
      reveals: [counts],
    }),
    counts);
  ctx.source.append(source("ConvolutionalLayerSizes.swift", {
    lines: [92, 94, 97, 101, 102, 103],
    symbols: { 92: "K", 94: "X", 97: "Y", 101: "B", 102: "B", 103: "B" },
  }).element);
  ctx.register(clear);

  compute();

  function open(example) {
    for (const name of ["channels", "size", "depth", "kernel"]) controls[name].set(example[name]);
    const { channels, size, depth, kernel } = example;
    change({ channels, size, depth, kernel });
  }

  function change(values) {
    Object.assign(state, values);
    ctx.write(schema, state);
    compute();
  }

  function compute() {
    const { channels, size, depth, kernel, bias } = state;
    whole.hidden = kernel !== size;
    misfit.hidden = kernel <= size;
    drawGiven();
    const body = {
      input: { depth: channels, height: size, width: size },
      kernels: depth,
      kernelSize: kernel,
      bias,
    };
    ctx.computed(() => latest("anatomy", "/api/anatomy", body), show);
  }

  /** The two volumes whose sizes were chosen: they are seen whether they fit or not. */
  function drawGiven() {
    const { channels, size, depth, kernel } = state;
    const isImpossible = kernel > size;
    const part = { row: 0, column: 0, rows: kernel, columns: kernel, kind: "K", isImpossible };
    const inX = depths(channels, 14, 48);
    names.X.textContent = shape(channels, size, size);
    volumes.X.set(inX.map((at) => ({ rows: size, columns: size, depth: at, part })), {
      unit: unit(), thickness: 6,
      label: `X: ${shape(channels, size, size)}, with a window of ${shape(kernel, kernel)}`,
    });
    const inKernel = depths(channels, 7, 24);
    const ofKernels = depths(depth, inKernel.at(-1) + 14 + 0.4 * kernel * unit(), 110);
    const sheets = ofKernels.flatMap((from) =>
      inKernel.map((at) => ({ rows: kernel, columns: kernel, depth: from + at })));
    names.K.textContent = shape(depth, channels, kernel, kernel);
    volumes.K.set(sheets, {
      unit: unit(), thickness: 4,
      label: `K: ${depth} kernels of ${shape(channels, kernel, kernel)}`,
    });
  }

  function show(answer) {
    const { channels, depth, kernel, bias } = state;
    const { output: Y, parameters, windows, multiplyAdds } = answer;
    const inY = depths(Y.depth, 12, 110);
    const part = { row: 0, column: 0, rows: 1, columns: 1, kind: "Y" };
    const thickness = Math.min(6, 100 / Y.depth);
    const ofY = shape(Y.depth, Y.height, Y.width);
    const isTied = bias === "perChannel";
    const sidesOfB = isTied ? { rows: 1, columns: 1 } : { rows: Y.height, columns: Y.width };
    names.Y.set(ofY);
    names.B.set(isTied ? Y.depth : ofY);
    ofTied.textContent = isTied ? "×1×1" : "";
    volumes.Y.set(inY.map((at, j) => ({
      rows: Y.height, columns: Y.width, depth: at, part: j === 0 ? part : undefined,
    })), { unit: unit(), thickness, label: `Y: ${ofY}` });
    volumes.B.set(inY.map((at) => ({ ...sidesOfB, depth: at })), {
      unit: unit(), thickness, label: `B: ${shape(Y.depth, sidesOfB.rows, sidesOfB.columns)}`,
    });

    numbers.kernels.set(parameters.kernels);
    numbers.biases.set(parameters.biases);
    numbers.total.set(parameters.total);
    numbers.windows.set(windows);
    numbers.multiplyAdds.set(multiplyAdds);
    sides.forEach((side, index) => side.set(index % 2 === 0 ? Y.height : Y.width));
    const [a, b, c, d, e, f] = sides.map((side) => side.element);
    factors.kernels.replaceChildren(shape(depth, channels, kernel, kernel));
    factors.biases.replaceChildren(...(isTied ? [`${depth}×1`] : [`${depth}×`, a, "×", b]));
    factors.windows.replaceChildren(c, "×", d);
    factors.multiplyAdds.replaceChildren(
      `${depth}×`, e, "×", f, `×${shape(channels, kernel, kernel)}`);
    ctx.announce(`Y is ${ofY}.`);
  }

  /** What follows from an answer, where there is none. */
  function clear() {
    ofTied.textContent = "";
    for (const cell of Object.values(factors)) cell.replaceChildren(missing);
    volumes.B.clear();
    volumes.Y.clear();
    drawGiven();
  }

  /** A cell's side, so that the larger of X and K always takes the same room. */
  function unit() {
    return Math.min(20, 104 / Math.max(state.size, state.kernel));
  }
}

function line(what, how, value, kind) {
  return el("tr", { class: kind },
    el("th", { scope: "row" }, what), how, el("td", {}, value.element));
}

/** An operator and what follows it, which stay together at a line's end. */
function term(operator, volume) {
  return el("div", { class: "term" }, el("span", { class: "operator" }, operator), volume.element);
}

function shape(...sizes) {
  return sizes.join("×");
}

export default {
  title: titles[1],
  slide: "Slide 3: The anatomy of a convolutional layer",
  question: "A volume goes in, a volume comes out. Which sizes follow, and what is learned?",
  mount,
};
