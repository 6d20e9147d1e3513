// Page 1: one kernel, slid over X as it is, and slid over X after half a turn.

import { latest, post } from "../api.js";
import { clear, el } from "../dom.js";
import { missing, number } from "../format.js";
import { grid, legend, scaleOf } from "../grid.js";
import {
  ask, button, choice, equation, formula, note, products, row, section, slider, source,
} from "../parts.js";
import { choice as oneOf, integer, matrix } from "../state.js";
import { titles } from "../titles.js";

const schema = {
  x: matrix("1 6 2; 5 3 1; 7 0 4"),
  k: matrix("1 2; -1 0"),
  mode: oneOf("valid", "same", "full"),
  row: integer(0, 0, 15),
  column: integer(0, 0, 15),
  on: oneOf("correlation", "convolution"),
};

const sixteen = "1 6 2 0; 5 3 1 8; 7 0 4 2; 2 9 5 1";
const step = "0 0 0 9 9 9; 0 0 0 9 9 9; 0 0 0 9 9 9; 0 0 0 9 9 9; 0 0 0 9 9 9";

const examples = [
  { name: "A small example", x: "1 6 2; 5 3 1; 7 0 4", k: "1 2; -1 0", mode: "valid" },
  { name: "A symmetric kernel", x: sixteen, k: "1 2 1; 2 4 2; 1 2 1", mode: "valid" },
  { name: "An edge kernel", x: step, k: "-1 0 1; -2 0 2; -1 0 1", mode: "valid" },
  { name: "A kernel larger than X", x: "1 6; 5 3", k: "1 2 0; -1 0 1; 0 3 -2", mode: "valid" },
];

const symbols = { correlation: "X ⋆ K", convolution: "X ∗ K" };

const correlationFormula = `
  <mrow>
    <msub data-symbol="correlation">
      <mrow>
        <mo stretchy="false">(</mo><mi>X</mi><mo>⋆</mo><mi>K</mi><mo stretchy="false">)</mo>
      </mrow>
      <mrow><mi>r</mi><mi>c</mi></mrow>
    </msub>
    <mo>=</mo>
    <munder><mo>∑</mo><mrow><mi>u</mi><mo>,</mo><mi>v</mi></mrow></munder>
    <msub data-symbol="X">
      <mi>X</mi><mrow><mi>r</mi><mo>+</mo><mi>u</mi><mo>,</mo><mi>c</mi><mo>+</mo><mi>v</mi></mrow>
    </msub>
    <msub data-symbol="K"><mi>K</mi><mrow><mi>u</mi><mi>v</mi></mrow></msub>
  </mrow>`;

const convolutionFormula = `
  <mrow>
    <mrow data-symbol="convolution"><mi>X</mi><mo>∗</mo><mi>K</mi></mrow>
    <mo>=</mo>
    <mi data-symbol="X">X</mi>
    <mo>⋆</mo>
    <mrow data-symbol="rotated"><msub><mi>rot</mi><mrow><mn>180</mn><mo>°</mo></mrow></msub>
      <mo stretchy="false">(</mo><mi>K</mi><mo stretchy="false">)</mo></mrow>
  </mrow>`;

function mount(ctx) {
  const state = ctx.read(schema);
  let isDragging = false;
  /** Where the window's corner lies before the output's position, as the last answer has it. */
  let offsets = { correlation: { row: 0, column: 0 }, convolution: { row: 0, column: 0 } };

  const x = grid({
    name: "X", isEditable: true, onEdit: (value) => change({ x: value }),
    onPick: (r, c) => { if (!isDragging) centre(r, c); },
  });
  const k = grid({ name: "K", isEditable: true, onEdit: (value) => change({ k: value }) });
  const rotated = grid({
    name: "rotated", kind: "K", label: "K turned by 180°", title: "K turned by 180°",
    why: (r, c) => `It is K[${state.k.length - 1 - r}, ${state.k[0].length - 1 - c}]: `
      + "upside down and back to front.",
  });
  const outputs = Object.fromEntries(Object.keys(symbols).map((on) => [on, grid({
    name: on, kind: "Y", label: symbols[on], title: symbols[on],
    onPick: (r, c) => change({ row: r, column: c, on }),
    why: (r, c) => why(on, r, c),
  })]));
  const terms = Object.fromEntries(Object.keys(symbols).map((on) => [on, el("div", {})]));
  const colours = legend();
  const verdict = el("p", { class: "verdict" }, missing);
  const misfit = note("In valid, the kernel has to lie on X with all of its numbers, and this one "
    + "is larger than X. In same and full, zeros around X make room for it.");
  const code = source("CrossCorrelation.swift", {
    lines: [18, 19, 20, 21, 22, 35, 63],
    symbols: {
      17: "correlation", 22: "X K correlation", 35: "X K rotated convolution", 63: "rotated",
    },
  });

  const mode = choice({
    label: "How far it slides", options: ["valid", "same", "full"], value: state.mode,
    onInput: (value) => change({ mode: value }),
  });
  const sideOfX = slider({
    label: "Side of X", min: 1, max: 6, value: state.x.length,
    onInput: (side) => change({ x: resized(state.x, side) }),
  });
  const sideOfK = slider({
    label: "Side of K", min: 1, max: 5, value: state.k.length,
    onInput: (side) => change({ k: resized(state.k, side) }),
  });

  const convolution = section("Convolution: half a turn first",
    formula(convolutionFormula, {
      label: "X convolved with K is X cross-correlated with K turned by 180°",
    }),
    equation("X ⋆", rotated.element, "=", outputs.convolution.element),
    verdict,
    terms.convolution);

  ctx.main.append(
    el("p", {}, "The kernel lies on a window of X. Numbers that lie on each other are multiplied, "
      + "the products are summed, and the window moves on. That is cross-correlation, ",
      el("b", {}, "⋆"), ", and it is what neural networks call convolution. True convolution, ",
      el("b", {}, "∗"), ", turns the kernel by 180° first; it will come back on page 6."),
    section("Cross-correlation: the kernel as it is",
      formula(correlationFormula, {
        label: "X star K, at row r and column c, is the sum over u and v of X at r plus u and c "
          + "plus v, times K at u and v",
      }),
      equation(x.element, "⋆", k.element, "=", outputs.correlation.element),
      note("Drag the window over X, or walk through an output with the arrow keys. Every number of "
        + "X and K can be edited."),
      row(mode.element, sideOfX.element, sideOfK.element),
      row(examples.map((example) =>
        button({ label: example.name, onClick: () => open(example) }).element)),
      misfit,
      terms.correlation,
      colours.element),
    ask({
      id: "turn",
      text: "The same X, and the same K turned by 180° first. When is the result the same for "
        + "every X?",
      choices: ["Always: it is the same sum", "When K turned by 180° is K", "Never"],
      answer: 1,
      because: "Half a turn changes nothing where K reads the same upside down and back to front. "
        + "Of any other kernel it makes another kernel. Try the symmetric one, and the edge.",
      reveals: [convolution],
    }),
    convolution);
  ctx.source.append(code.element);
  ctx.register(() => {
    verdict.textContent = missing;
    Object.values(terms).forEach(clear);
    x.mark();
  });

  // Before the grid's own listeners: what they then pick is not to move the window a second time.
  x.element.addEventListener("pointerdown", drag, { capture: true });
  x.set(state.x);
  k.set(state.k);
  keepWithin();
  compute();

  function open({ x: xText, k: kText, mode: newMode }) {
    const [newX, newK] = [matrix(xText).default, matrix(kText).default];
    change({ x: newX, k: newK, mode: newMode, row: 0, column: 0 });
    x.set(state.x);
    k.set(state.k);
    mode.set(state.mode);
    sideOfX.set(state.x.length);
    sideOfK.set(state.k.length);
  }

  function change(values) {
    Object.assign(state, values);
    keepWithin();
    ctx.write(schema, state);
    compute();
  }

  function keepWithin() {
    const [rows, columns] = sizeOfOutput(state);
    state.row = Math.min(state.row, rows - 1);
    state.column = Math.min(state.column, columns - 1);
  }

  /** Brings the middle of the window over a cell of X, as far as the window may go. */
  function centre(r, c) {
    moveTo(r - Math.floor((state.k.length - 1) / 2), c - Math.floor((state.k[0].length - 1) / 2));
  }

  /** Brings the window's corner to a row and a column of X, or as near as it may go. */
  function moveTo(row, column) {
    const offset = offsets[state.on];
    const at = { row: Math.max(0, row + offset.row), column: Math.max(0, column + offset.column) };
    if (at.row !== state.row || at.column !== state.column) change(at);
  }

  /** The mouse takes the window where it is pressed, or calls it there; over the zeros, too. */
  function drag(event) {
    const isOnSheet = event.target.closest(".sheet");
    if (event.button !== 0 || event.pointerType === "touch" || !isOnSheet) return;
    const [r, c] = cellAt(x.element, event);
    const { row: down, column: right } = offsets[state.on];
    const grip = [r - (state.row - down), c - (state.column - right)];
    const [height, width] = [state.k.length, state.k[0].length];
    const isInside = grip[0] >= 0 && grip[0] < height && grip[1] >= 0 && grip[1] < width;
    if (!isInside) {
      grip.splice(0, 2, Math.floor((height - 1) / 2), Math.floor((width - 1) / 2));
      moveTo(r - grip[0], c - grip[1]);
    }
    isDragging = true;
    const ended = new AbortController();
    document.addEventListener("pointermove", (move) => {
      const [toRow, toColumn] = cellAt(x.element, move);
      moveTo(toRow - grip[0], toColumn - grip[1]);
    }, { signal: ended.signal });
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => {
        isDragging = false;
        ended.abort();
      }, { signal: ended.signal });
    }
  }

  function body(at) {
    return { x: state.x, k: state.k, mode: state.mode, at };
  }

  function compute() {
    misfit.hidden = fits(state);
    const at = { row: state.row, column: state.column };
    ctx.computed(() => latest("correlate", "/api/correlate", body(at)), show);
  }

  function show(answer) {
    const { at, window } = answer;
    offsets = Object.fromEntries(Object.keys(symbols).map((on) => [on, {
      row: at.row - window[on].row, column: at.column - window[on].column,
    }]));
    const scale = scaleOf(state.x, state.k, answer.correlation, answer.convolution);
    x.set(state.x, { scale, padding: rings(state) });
    k.set(state.k, { scale });
    rotated.set(answer.rotated, { scale });
    colours.set(scale);
    x.mark({ window: { ...window[state.on], rows: state.k.length, columns: state.k[0].length } });
    for (const on of Object.keys(symbols)) {
      outputs[on].set(answer[on], { scale });
      outputs[on].mark({ target: [at.row, at.column] });
      clear(terms[on]).append(sum(on, at, answer.terms[on]));
    }
    clear(verdict).append(comparison(answer, state));
    code.set(answer.lines);
    ctx.announce(`${symbols[state.on]}, row ${at.row}, column ${at.column} is `
      + `${number(answer[state.on][at.row]?.[at.column])}.`);
  }

  async function why(on, r, c) {
    let answer;
    const at = { row: r, column: c };
    await ctx.computed(
      () => post("/api/correlate", body(at)),
      (found) => { answer = sum(on, at, found.terms[on]); },
      { isAction: true });
    return answer;
  }
}

/** The row and column of a grid that are under the pointer; they may lie outside it. */
function cellAt(element, { clientX, clientY }) {
  const [first, second] = [...element.querySelectorAll("tbody td")]
    .map((cell) => cell.getBoundingClientRect());
  const pitch = second && second.left > first.left ? second.left - first.left : first.width;
  return [Math.floor((clientY - first.top) / pitch), Math.floor((clientX - first.left) / pitch)];
}

/** The products under the window, and their sum. */
function sum(on, at, terms) {
  return products({
    title: `(${symbols[on]})[${at.row}, ${at.column}]`,
    terms: terms.map((term) => ({
      left: term.xValue, right: term.kValue, product: term.product, sum: term.sum,
      isPadding: term.isPadding,
      leftName: term.isPadding ? "padding" : `X[${term.x.row}, ${term.x.column}]`,
      rightName: `K[${term.k.row}, ${term.k.column}]`,
    })),
  });
}

/** What one sees when the two outputs are laid side by side, and why. */
function comparison({ correlation, convolution, rotated, isSymmetric, areEqual }, { k, mode }) {
  const isEvery = (a, b, holds) => a.every((line, r) => line.every((n, c) => holds(n, b[r][c])));
  const isOpposite = (n, m) => n === -m;
  const isShifted = mode === "same" && [k.length, k[0].length].some((side) => side % 2 === 0);
  if (isSymmetric && areEqual && isShifted) {
    return "Equal. Turned by 180°, this kernel is the same; but with an even side it has no "
      + "middle, and same begins one row or column further on in one than in the other, so that "
      + "another X may tell them apart.";
  }
  if (isSymmetric && areEqual) {
    return "Equal, and for every X: turned by 180°, this kernel is the same kernel.";
  }
  if (isSymmetric) {
    return "Turned by 180°, this kernel is the same, and yet the outputs differ: with an even side "
      + `it has no middle, and ${mode} begins one row or column further on in one than in the `
      + "other. In valid and full they agree.";
  }
  if (areEqual && isShifted) {
    return "Equal, though turned by 180° the kernel is another one: with an even side same begins "
      + "one row or column further on in one than in the other, which may make up for it.";
  }
  if (areEqual) {
    return "Equal, but not for every X: turned, the kernel is another one. Edit a cell of X.";
  }
  if (isEvery(rotated, k, isOpposite) && isEvery(correlation, convolution, isOpposite)) {
    return "The same numbers with the opposite sign: turned by 180°, this kernel is −K. Where one "
      + "finds a step from dark to light, the other finds one from light to dark.";
  }
  return "Different: turned by 180°, this kernel is another kernel.";
}

function fits({ x, k, mode }) {
  return mode !== "valid" || (k.length <= x.length && k[0].length <= x[0].length);
}

/** How many rows and columns the output has. */
function sizeOfOutput({ x, k, mode }) {
  return [[x.length, k.length], [x[0].length, k[0].length]].map(([input, kernel]) =>
    ({ valid: Math.max(1, input - kernel + 1), same: input, full: input + kernel - 1 })[mode]);
}

/** How many rings of zeros around X the window may reach into. */
function rings({ k, mode }) {
  const side = Math.max(k.length, k[0].length);
  return { valid: 0, same: Math.floor(side / 2), full: side - 1 }[mode];
}

/** The matrix with another side: numbers that find no place are gone, new ones are 0. */
function resized(rows, side) {
  return Array.from({ length: side }, (_, r) =>
    Array.from({ length: side }, (_, c) => rows[r]?.[c] ?? 0));
}

export default {
  title: titles[0],
  slide: "Slide 2: Let’s be precise: convolution and cross-correlation",
  question: "What neural networks call convolution is something else. What difference does it make?",
  mount,
};
