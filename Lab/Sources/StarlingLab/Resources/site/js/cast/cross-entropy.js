// Binary cross-entropy: how wrong an answer is, its slope, and the slope that the deck prints.

import { latest } from "../api.js";
import { el } from "../dom.js";
import { missing, parse, plain } from "../format.js";
import { scaleOf } from "../grid.js";
import {
  ask, button, chart, check, deckSays, equation, formula, output, row, slider, source,
} from "../parts.js";
import { matrix } from "../state.js";
import { teller } from "../teller.js";
import { column } from "./column.js";
import { part } from "./part.js";

const most = 4;
const schema = { y: matrix("1; 0"), p: matrix("0.8; 0.3") };

const prediction = `<mi data-symbol="p">ŷ</mi>`;

const errorFormula = `
  <mtable columnalign="left" displaystyle="true">
    <mtr><mtd>
      <mi data-symbol="E">E</mi><mo>=</mo><mo>−</mo><mfrac><mn>1</mn><mi>m</mi></mfrac>
      <mo>∑</mo><mo stretchy="false">[</mo>
      <mi data-symbol="y">y</mi><mspace width="0.2em"/><mi>log</mi><mspace width="0.15em"/>
      ${prediction}
    </mtd></mtr>
    <mtr><mtd>
      <mspace width="4em"/><mo>+</mo>
      <mo stretchy="false">(</mo><mn>1</mn><mo>−</mo><mi data-symbol="y">y</mi>
      <mo stretchy="false">)</mo>
      <mspace width="0.2em"/><mi>log</mi>
      <mo stretchy="false">(</mo><mn>1</mn><mo>−</mo>${prediction}<mo stretchy="false">)</mo>
      <mo stretchy="false">]</mo>
    </mtd></mtr>
  </mtable>`;

const slopeFormula = `
  <mrow>
    <mfrac data-symbol="gradient">
      <mrow><mi>d</mi><mi>E</mi></mrow><mrow><mi>d</mi>${prediction}</mrow>
    </mfrac>
    <mo>=</mo><mo>−</mo><mfrac><mn>1</mn><mi>m</mi></mfrac>
    <mo>(</mo>
    <mfrac><mi data-symbol="y">y</mi>${prediction}</mfrac>
    <mo>−</mo>
    <mfrac>
      <mrow><mn>1</mn><mo>−</mo><mi data-symbol="y">y</mi></mrow>
      <mrow><mn>1</mn><mo>−</mo>${prediction}</mrow>
    </mfrac>
    <mo>)</mo>
  </mrow>`;

/** The part of page 7 about the error. @returns {HTMLElement} */
export function crossEntropy(ctx) {
  const state = fitting(ctx.read(schema), ctx.doubt);
  const tell = teller(ctx);

  const typed = { hasSign: false, hasIndices: true, isEditable: true };
  const y = column({
    name: "y", kind: "plain", title: "target y", label: "y", ...typed,
    onEdit: (values) => change({ y: values }),
  });
  const p = column({
    name: "p", kind: "Y", title: "prediction ŷ", label: "ŷ", ...typed,
    onEdit: (values) => change({ p: values }),
  });
  const slope = { isGradient: true, hasIndices: true };
  const gradient = column({
    name: "gradient", kind: "Y", label: "as it must be", title: "dE/dŷ as it must be", ...slope,
    why: (r) => `−1/m (y/ŷ − (1 − y)/(1 − ŷ)), with y[${r}] and ŷ[${r}].`,
  });
  const measured = column({
    name: "measured", kind: "plain", label: "measured", title: "dE/dŷ measured", ...slope,
    why: (r) => `A finite difference: ŷ[${r}] is moved up and down by a small step, and the change `
      + "of E is divided by the way between.",
  });
  const asPrinted = column({
    name: "asPrinted", kind: "Y", label: "as printed", title: "dE/dŷ as printed", ...slope,
    why: (r) => `−(y/ŷ − (1 − y)/(1 − ŷ)), with y[${r}] and ŷ[${r}]: the 1/m is not there.`,
  });
  const error = output("error", (n) => plain(n, 4));
  error.element.dataset.symbol = "E";
  const ratio = output("ratio", plain);
  const checks = {
    gradient: check("gradient", "dE/dŷ"), asPrinted: check("asPrinted", "dE/dŷ as printed"),
  };
  const curve = chart({
    label: "E over ŷ[0], the others held. Drag ŷ[0].", xLabel: "ŷ[0]", yLabel: "E", x: [0, 1],
    onPick: (at) => drag(Math.round(at * 100) / 100),
  });
  const first = slider({
    label: "ŷ[0]", min: 0, max: 1, step: 0.01, value: state.p[0], onInput: drag,
  });
  const outputs = slider({
    label: "Outputs, m", min: 1, max: most, value: state.y.length, onInput: resize,
  });
  const remark = el("p", { class: "verdict", hidden: true });
  const examples = [
    { name: "The deck’s two outputs", y: [1, 0], p: [0.8, 0.3] },
    { name: "Sure and wrong: ŷ = 0", y: [1, 0], p: [0, 0.3] },
    { name: "Sure and right: ŷ = 1", y: [1, 0], p: [1, 0.3] },
  ];

  const printed = el("div", {},
    el("p", {}, "As printed, it is ", ratio.element, " times the slope."),
    checks.asPrinted.element,
    deckSays("dE/dŷ = −(y/ŷ − (1 − y)/(1 − ŷ)), beside E = −(1/m) Σ …",
      "The error is a mean over m outputs, so its slope has the 1/m too. Without it every step is "
      + "m times too long. In one comparison three of six runs ended at 50\u00a0% accuracy with "
      + "it; with the true slope all six learned."));

  const code = source("BinaryCrossEntropy.swift", {
    lines: [20, 21, 26, 27, 37],
    symbols: { 20: "y p", 21: "E", 27: "gradient asPrinted", 37: "asPrinted y p" },
  });
  ctx.register(() => { remark.textContent = missing; });
  setTyped();
  compute();

  return part("Binary cross-entropy", code,
    formula(errorFormula, {
      label: "E is minus 1 over m, times the sum of y log y hat plus 1 minus y, times log of 1 "
        + "minus y hat",
    }),
    el("p", {}, "Of a target y, 0 or 1, and a prediction ŷ between them. Where the two agree, E is "
      + "nearly 0; where ŷ is sure and wrong, E grows without end. Here it is ", error.element,
      "."),
    curve.element,
    row(first.element, outputs.element),
    row(examples.map((example) =>
      button({ label: example.name, onClick: () => open(example) }).element)),
    formula(slopeFormula, {
      label: "dE by d y hat is minus 1 over m, times y over y hat minus 1 minus y over 1 minus y "
        + "hat",
    }),
    equation(y.element, p.element, "→", gradient.element, measured.element, asPrinted.element),
    checks.gradient.element,
    remark,
    ask({
      id: "printed",
      text: "There are two outputs, and the deck’s formula for dE/dŷ leaves out the 1/m. What will "
        + "the check say?",
      choices: ["Pass: the direction is right", "Fail: 2 times too large", "Fail: the wrong sign"],
      answer: 1,
      because: "It points the right way and is m times too long: it amounts to a learning rate m "
        + "times larger. A falling error does not tell; the finite difference does.",
      reveals: [asPrinted.element, printed],
    }),
    printed);

  function open(example) {
    change({ y: example.y, p: example.p });
    setTyped();
  }

  function drag(at) {
    change({ p: [at, ...state.p.slice(1)] });
    setTyped();
  }

  function resize(m) {
    const more = (values, filling) => Array.from({ length: m }, (_, r) => values[r] ?? filling);
    change({ y: more(state.y, 0), p: more(state.p, 0.5) });
    setTyped();
  }

  function setTyped() {
    y.set(state.y);
    p.set(state.p, { scale: 1 });
    first.set(state.p[0]);
    outputs.set(state.y.length);
  }

  function change(values) {
    Object.assign(state, values);
    ctx.write(schema, { y: state.y.map((n) => [n]), p: state.p.map((n) => [n]) });
    first.set(state.p[0]);
    compute();
  }

  function compute() {
    const body = { y: state.y, p: state.p };
    ctx.computed(() => latest("crossEntropy", "/api/cross-entropy", body), show);
  }

  function show(answer) {
    const scale = scaleOf(answer.gradient, answer.measured, answer.asPrinted);
    gradient.set(answer.gradient, { scale });
    measured.set(answer.measured, { scale });
    asPrinted.set(answer.asPrinted, { scale });
    error.set(answer.error);
    ratio.set(answer.ratio);
    for (const found of answer.checks) checks[found.name].set(found);
    curve.set(
      [{ name: "E", points: answer.curve.map((point) => [point.p, point.error]), color: "Y" }],
      { marker: { x: state.p[0], y: answer.error, label: `E = ${plain(answer.error)}` } });
    remark.textContent = said(parse(answer.error));
    remark.hidden = remark.textContent === "";
    const slopes = answer.gradient.map((n) => plain(n)).join(", ");
    tell(`E is ${plain(answer.error, 4)}, dE/dŷ ${slopes}.`);
  }
}

/** What has become of E where a prediction is 0 or 1. */
function said(error) {
  if (error === Infinity) {
    return "A prediction that is sure and wrong: log\u00a00 is −∞, and E is infinite. One such "
      + "image would spoil a whole run. A sigmoid never gives 0 or 1, unless it is saturated "
      + "beyond all digits, as above.";
  }
  if (Number.isNaN(error)) {
    return "A prediction that is sure and right, and yet: 0\u00a0·\u00a0log\u00a00 is "
      + "0\u00a0·\u00a0−∞, which is not a number. There is no slope either. The formula holds "
      + "strictly between 0 and 1.";
  }
  return "";
}

/**
 * The state of an address as two lists of one length; the default, if it is anything else. What lies
 * beyond 0 and 1 is the server's to refuse, as it is while somebody types.
 */
function fitting({ y, p }, doubt) {
  const isRight = (rows) => rows.length <= most
    && rows.every((line) => line.length === 1);
  const isFitting = isRight(y) && isRight(p) && y.length === p.length;
  if (!isFitting) doubt(["y", "p"]);
  const [targets, predictions] = isFitting ? [y, p] : [schema.y.default, schema.p.default];
  return { y: targets.flat(), p: predictions.flat() };
}

