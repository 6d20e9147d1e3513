// Reshape: the same numbers in another shape, there and back.

import { latest } from "../api.js";
import { el } from "../dom.js";
import { plain } from "../format.js";
import { grid, stack } from "../grid.js";
import { equation, formula, note, output, row, slider, source } from "../parts.js";
import { integer } from "../state.js";
import { teller } from "../teller.js";
import { part } from "./part.js";

const schema = {
  depth: integer(2, 1, 3),
  height: integer(2, 1, 3),
  width: integer(3, 1, 3),
  index: integer(8, 0, 26),
};

const indexFormula = `
  <mrow>
    <mi data-symbol="column">index</mi>
    <mo>=</mo>
    <mo stretchy="false">(</mo><mi data-symbol="volume">channel</mi><mo>·</mo><mi>h</mi><mo>+</mo>
    <mi data-symbol="volume">row</mi><mo stretchy="false">)</mo><mo>·</mo><mi>w</mi><mo>+</mo>
    <mi data-symbol="volume">column</mi>
  </mrow>`;

/** The part of page 7 about reshaping. @returns {HTMLElement} */
export function reshape(ctx) {
  const state = ctx.read(schema);
  const tell = teller(ctx);

  const look = { kind: "plain", hasSign: false };
  const volume = stack({
    name: "volume", ...look, label: (channel) => `channel ${channel}`,
    onPick: (channel, r, c) => ask({ at: { channel, row: r, column: c } }),
    why: (channel, r, c) => "Each number here is its own place in the column. "
      + `Channel ${channel}, row ${r}, column ${c} is reached after all that one reads before it.`,
  });
  const column = grid({
    name: "column", ...look, isSmall: true, label: "column", onPick: (r) => ask({ index: r }),
    why: (r) => `The number at place ${r} of the volume, channel after channel, row after row. `
      + "Nothing is computed.",
  });
  const back = stack({
    name: "back", ...look, label: (channel) => `channel ${channel}`,
    onPick: (channel, r, c) => ask({ at: { channel, row: r, column: c } }),
    why: () => "The backward pass lays dE/dY out as the input was: the same numbers, back in their "
      + "places.",
  });
  const index = output("index", plain);
  const places = ["channel", "row", "column"].map((name) => output(name, plain));
  const sizes = Object.entries({ depth: "Channels", height: "Rows", width: "Columns" })
    .map(([key, label]) => slider({
      label, min: 1, max: 3, value: state[key], onInput: (value) => resize({ [key]: value }),
    }).element);

  const code = source("Reshape.swift", {
    lines: [30, 35], symbols: { 30: "volume column", 35: "column back" },
  });
  resize({});

  return part("Reshape", code,
    formula(indexFormula, {
      label: "index is channel times height plus row, times width, plus column",
    }),
    el("p", {}, "A dense layer takes a column. The forward pass reads the volume as one reads a "
      + "page, channel after channel, row after row; the backward pass lays the gradient out as "
      + "the volume was. A channel has h rows and w columns."),
    equation(upright(volume), "→", column.element, "→", upright(back)),
    el("p", {}, "Channel ", places[0].element, ", row ", places[1].element, ", column ",
      places[2].element, " of the volume is place ", index.element, " of the column. Pick a cell "
      + "in any of the three."),
    row(sizes),
    note("In the deck’s network, 5×26×26 maps become a column of 3,380."));

  function resize(values) {
    Object.assign(state, values);
    state.index = Math.min(state.index, state.depth * state.height * state.width - 1);
    ask({ index: state.index });
  }

  /** Asks for one cell, by its index or by its place. */
  function ask(cell) {
    const shape = { depth: state.depth, height: state.height, width: state.width };
    ctx.computed(() => latest("reshape", "/api/reshape", { shape, ...cell }), show);
  }

  function show(answer) {
    const { at } = answer;
    state.index = answer.index;
    ctx.write(schema, state);
    volume.set(answer.volume);
    column.set(answer.column.map((n) => [n]));
    back.set(answer.back);
    const mark = { channel: at.channel, target: [at.row, at.column] };
    volume.mark(mark);
    back.mark(mark);
    column.mark({ target: [answer.index, 0] });
    index.set(answer.index);
    [at.channel, at.row, at.column].forEach((n, place) => places[place].set(n));
    const place = `Channel ${at.channel}, row ${at.row}, column ${at.column}`;
    tell(`${place} is place ${answer.index}.`);
  }
}

/** A stack whose channels stand below each other. */
function upright(stack) {
  return el("div", { class: "upright" }, stack.element);
}
