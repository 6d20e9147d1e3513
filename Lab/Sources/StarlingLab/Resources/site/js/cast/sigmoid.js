// The sigmoid and its slope, and what is left of the slope where the curve is flat.

import { latest } from "../api.js";
import { clear, el } from "../dom.js";
import { plain } from "../format.js";
import { scaleOf } from "../grid.js";
import { button, chart, check, equation, formula, output, row, slider, source } from "../parts.js";
import { number } from "../state.js";
import { teller } from "../teller.js";
import { column } from "./column.js";
import { part } from "./part.js";

const schema = { x: number(1), dY: number(1) };

const ofX = `<mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo>`;
const sigmoidOfX = `<mrow data-symbol="sigmoid"><mi>σ</mi>${ofX}</mrow>`;
const slopeOfX = `<mrow data-symbol="slope"><msup><mi>σ</mi><mo>′</mo></msup>${ofX}</mrow>`;

const curveFormula = `
  <mrow>
    ${sigmoidOfX}
    <mo>=</mo>
    <mfrac>
      <mn>1</mn>
      <mrow>
        <mn>1</mn><mo>+</mo>
        <msup><mi>e</mi><mrow><mo>−</mo><mi data-symbol="x">x</mi></mrow></msup>
      </mrow>
    </mfrac>
  </mrow>`;

const slopeFormula = `
  <mrow>
${slopeOfX}
    <mo>=</mo>
    ${sigmoidOfX}
    <mo stretchy="false">(</mo><mn>1</mn><mo>−</mo>
    ${sigmoidOfX}
    <mo stretchy="false">)</mo>
  </mrow>`;

const backwardFormula = `
  <mrow>
    <mfrac data-symbol="dX">
      <mrow><mi>d</mi><mi>E</mi></mrow><mrow><mi>d</mi><mi>x</mi></mrow>
    </mfrac>
    <mo>=</mo>
    <mfrac data-symbol="dY">
      <mrow><mi>d</mi><mi>E</mi></mrow><mrow><mi>d</mi><mi>y</mi></mrow>
    </mfrac>
    <mo>·</mo>
${slopeOfX}
  </mrow>`;

const end = 8;

/** The part of page 7 about the sigmoid. @returns {HTMLElement} */
export function sigmoid(ctx) {
  const state = ctx.read(schema);
  const tell = teller(ctx);

  const curve = chart({
    label: "The sigmoid and its slope. Drag x.", xLabel: "x", yLabel: "", x: [-end, end], y: [0, 1],
    onPick: (x) => change({ x: Math.round(x * 20) / 20 }),
  });
  const x = column({
    name: "x", kind: "X", isEditable: true, onEdit: ([value]) => change({ x: value }),
  });
  const dY = column({
    name: "dY", title: "dE/dy", isEditable: true, onEdit: ([value]) => change({ dY: value }),
  });
  const y = column({
    name: "sigmoid", title: "σ(x)", kind: "Y", hasSign: false,
    why: () => "1 divided by 1 + e to the power of −x. It is never 0 and never 1, except by "
      + "rounding.",
  });
  const slope = column({
    name: "slope", title: "σ′(x)", kind: "plain", hasSign: false,
    why: () => "σ(x) · (1 − σ(x)). It is largest in the middle, and nothing at both ends.",
  });
  const dX = column({
    name: "dX", title: "dE/dx",
    why: () => "dE/dy · σ′(x): the slope is the share of dE/dy that passes.",
  });
  const along = slider({
    label: "x", min: -end, max: end, step: 0.05, value: state.x,
    onInput: (value) => change({ x: value }),
    format: () => plain(state.x),
  });
  const precise = output("precise", (n) => plain(n, 6));
  const exact = output("exact", (n) => plain(n, 6));
  const measured = output("measured", (n) => plain(n, 6));
  const agreement = check("sigmoid", "dE/dx");
  const remark = el("p", { class: "verdict" });
  const examples = [
    ["In the middle", 0], ["Getting flat", 4], ["Saturated", 12], ["Beyond all digits", 40],
  ];

  const code = source("Sigmoid.swift", {
    lines: [18, 23, 24], symbols: { 18: "sigmoid x", 23: "slope", 24: "dX dY slope" },
  });
  ctx.register(() => clear(remark));
  setTyped();
  compute();

  return part("Sigmoid", code,
    formula(curveFormula, { label: "sigma of x is 1 over 1 plus e to the minus x" }),
    formula(slopeFormula, { label: "sigma prime of x is sigma of x, times 1 minus sigma of x" }),
    curve.element,
    row(along.element, examples.map(([label, to]) =>
      button({ label, onClick: () => change({ x: to }) }).element)),
    equation(x.element, "→", y.element, slope.element),
    remark,
    formula(backwardFormula, { label: "dE by dx is dE by dy times sigma prime of x" }),
    equation(dX.element, "=", dY.element, "· σ′(x)"),
    agreement.element,
    el("p", {}, "To more digits, σ(x) is ", precise.element, ", dE/dx is ", exact.element, ", and "
      + "its finite difference is ", measured.element, "."));

  function change(values) {
    Object.assign(state, values);
    ctx.write(schema, state);
    setTyped();
    compute();
  }

  function setTyped() {
    x.set([state.x], { scale: Math.max(end, Math.abs(state.x)) });
    dY.set([state.dY]);
    along.set(state.x);
  }

  function compute() {
    const body = { x: state.x, dY: state.dY };
    ctx.computed(() => latest("sigmoid", "/api/sigmoid", body), show);
  }

  function show(answer) {
    const isInside = Math.abs(answer.x) <= end;
    const label = `σ(${plain(answer.x)}) = ${plain(answer.y)}`;
    const marker = { x: answer.x, y: answer.y, label };
    const points = (key) => answer.curve.map((point) => [point.x, point[key]]);
    curve.set([
      { name: "σ(x)", points: points("y"), color: "Y" },
      { name: "its slope, σ′(x)", points: points("slope"), color: "accent", isDashed: true },
    ], { marker: isInside ? marker : undefined });
    const scale = scaleOf(answer.dX, state.dY);
    y.set([answer.y], { scale: 1 });
    slope.set([answer.slope]);
    dX.set([answer.dX], { scale });
    dY.set([state.dY], { scale });
    precise.set(answer.y);
    exact.set(answer.dX);
    measured.set(answer.check.measured);
    agreement.set(answer.check);
    remark.textContent = said(answer);
    tell(`${label}, its slope ${plain(answer.slope)}, dE/dx ${plain(answer.dX)}.`);
  }
}

/** What one sees at this x. */
function said({ x, slope, check: { result } }) {
  if (slope === 0) {
    return "σ(x) has been rounded to its end, and the slope is exactly 0. Whatever dE/dy is, "
      + "nothing passes: a layer before this one learns nothing at all.";
  }
  if (slope < 0.01) {
    return "Saturated: the curve is flat, and of dE/dy next to nothing passes. The layers before "
      + "learn very slowly."
      + (result === "unmeasurable" ? " Finite differences see nothing here either: the change "
        + "drowns in the rounding of σ(x)." : "");
  }
  return x === 0 ? "The steepest place there is, and even here only a quarter of dE/dy passes."
    : "The slope is the share of dE/dy that passes on the way back.";
}
