// The deck's seven layers: what each is there for, and its numbers for one digit.

import { el } from "../dom.js";
import { count } from "../format.js";
import { grid, image, scaleOf } from "../grid.js";
import { output } from "../parts.js";
import { area, depth, side, sums } from "./deck.js";
import { maps, pickable, rows, shapeText } from "./layers.js";
import { scores } from "./scores.js";

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

/**
 * The layers in a list, each with its pictures.
 *
 * @param {Object} ctx the page's
 * @param {(layer: number, position: number) => void} onPick a place in a picture was pressed: the
 *   position of that number in its layer
 * @returns {{element: HTMLElement, learned: HTMLElement[], describe: (layers: Object[]) => void,
 *   show: (layers: Object[]) => void}} `learned` says how many parameters each layer has;
 *   `describe` takes the layers of `/api/network`, `show` those of `/api/activations`
 */
export function sevenLayers(ctx, onPick) {
  const element = el("ol", { class: "layers" });
  const views = layers.map(({ does, shows }, position) => {
    const shown = shows((n) => onPick(position, n), ctx);
    const name = el("h3", {}, "Layer ", position);
    const recipe = el("code", {}, "");
    const facts = output(`layer-${position}`, (text) => text);
    const learned = output(`learned-${position}`, (text) => text);
    const toLearn = el("span", {}, ", ", learned.element);
    element.append(el("li", {},
      el("div", {}, name, el("p", {}, recipe), el("p", {}, does),
        el("p", { class: "status" }, facts.element, toLearn)),
      el("ul", { class: "pictures" }, shown.map((view) => el("li", {}, view.element)))));
    return { shown, name, recipe, facts, learned, toLearn };
  });

  return {
    element,
    learned: views.map(({ toLearn }) => toLearn),
    describe(built) {
      built.forEach((layer, n) => {
        views[n].name.textContent = `${layer.position}  ${layer.name}`;
        views[n].recipe.textContent = layer.recipe;
        views[n].facts.set(`${shapeText(layer.input)} → ${shapeText(layer.output)}`);
        views[n].learned.set(
          layer.parameters ? `${count(layer.parameters)} parameters` : "nothing to learn");
      });
    },
    show(found) {
      found.forEach((layer, n) => {
        views[n].shown.forEach((view, part) => view.show(layer, part));
      });
    },
  };
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
