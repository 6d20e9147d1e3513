// What the network says of a picture: one score a class, as a number and as a bar.

import { el } from "../dom.js";
import { missing, plain } from "../format.js";
import { closeOutdatedWhy } from "../grid/why.js";
import { asked } from "./asked.js";

/** The classes that the deck's network knows, in the order of its outputs. */
export const classes = ["0", "1"];

const why = "The network’s last sigmoid, of the last dense layer’s number for this class. It is a "
  + "score by itself: the other has no part in it.";

/**
 * The scores of a picture.
 *
 * @param {Object} ctx the page's
 * @returns {{element: HTMLElement, set: (scores: number[]) => void, clear: () => void}} each number
 *   is an `<output data-score="0">`
 */
export function scores(ctx) {
  const lines = classes.map((name) => {
    // Not read out at each change: the page says itself what matters.
    const value = el("output", { "data-score": name, "aria-live": "off" }, missing);
    const bar = el("div", { class: "bar", "aria-hidden": "true" });
    const number = asked(value, `score of ${name}`, () => why);
    return { value, bar, term: el("dt", {}, name), data: el("dd", {}, number, bar) };
  });
  const clear = () => {
    for (const { value, bar } of lines) {
      value.textContent = missing;
      value.removeAttribute("data-value");
      bar.style.setProperty("--share", 0);
    }
  };
  ctx.register(clear);
  return {
    element: el("dl", { class: "facts scores" }, lines.flatMap(({ term, data }) => [term, data])),
    set(values) {
      lines.forEach(({ value, bar }, n) => {
        value.textContent = plain(values[n], 4);
        value.setAttribute("data-value", values[n]);
        bar.style.setProperty("--share", values[n]);
      });
      closeOutdatedWhy();
    },
    clear,
  };
}
