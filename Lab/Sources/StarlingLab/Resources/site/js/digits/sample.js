// One sample, and what the network said of it before it learned from it.

import { el } from "../dom.js";
import { count, plain } from "../format.js";
import { image } from "../grid.js";
import { output } from "../parts.js";
import { scores } from "./scores.js";

/**
 * What `/api/runs/{id}/step` answers. Hidden until there is something to show.
 *
 * @param {Object} ctx the page's
 * @returns {{element: HTMLElement, set: (sample: Object) => void, clear: () => void}}
 */
export function sampleView(ctx) {
  const picture = image({ name: "sample", label: "the sample", size: 104 });
  const said = scores(ctx);
  const error = output("sampleError", (n) => plain(n, 4));
  const words = el("p", { "data-computed": true });
  const element = el("div", { class: "two", hidden: true }, picture.element,
    el("div", {}, words, el("p", {}, "Before it learned from it, the network said:"), said.element,
      el("p", {}, "Error: ", error.element)));
  return {
    element,
    set(sample) {
      element.hidden = false;
      picture.set(sample.pixels);
      said.set(sample.scores);
      error.set(sample.error);
      words.textContent = `Training image ${count(sample.index)}, a ${sample.label}.`;
    },
    clear() {
      element.hidden = true;
    },
  };
}
