// What a network says of a picture, and what it saw of it.

import { el } from "../dom.js";
import { percent, plain } from "../format.js";
import { image } from "../grid.js";
import { output } from "../parts.js";
import { features } from "./features.js";
import { scores } from "./scores.js";

const polarities = {
  darkOnLight: "dark on light, so that it was reversed", lightOnDark: "light on dark",
  asGiven: "taken from a set, and goes to the network as it is",
};

/**
 * The parts in which an answer of `/api/predict` is shown, to be put where the page wants them.
 *
 * @param {Object} ctx the page's
 * @returns {{seen: HTMLElement, label: HTMLElement, confidence: HTMLElement, sum: HTMLElement,
 *   list: HTMLElement, polarity: HTMLElement, maps: HTMLElement, same: HTMLElement,
 *   set: (answer: Object) => void, clear: () => void, remark: (text: string) => void}} `same` says
 *   whether the network saw just what it saw before, or what `remark` is given
 */
export function reading(ctx) {
  const seen = image({ name: "X", label: "what the network sees: 28×28", size: 196 });
  const label = output("label", (text) => text);
  const confidence = output("confidence", percent);
  const sum = output("sum", (n) => plain(n, 4));
  const list = scores(ctx);
  const polarity = output("polarity", (word) => polarities[word] ?? word);
  const same = el("p", { class: "status", "data-same": "" });
  const maps = features();
  let before;

  function set(answer) {
    seen.set(answer.pixels);
    label.set(answer.label);
    confidence.set(answer.confidence);
    sum.set(answer.sum);
    list.set(answer.scores);
    polarity.set(answer.polarity);
    maps.set(answer.maps);
    compare(JSON.stringify(answer.pixels));
  }

  /** A drawing that is moved by whole pixels is the same to the network. */
  function compare(pixels) {
    const isSame = pixels === before;
    say(isSame ? "The same 784 numbers as before, to the last digit." : "",
      before === undefined ? "" : isSame);
    before = pixels;
  }

  function say(text, isSame = "") {
    same.textContent = text;
    same.dataset.same = isSame;
  }

  function clear() {
    for (const part of [seen, label, confidence, sum, list, polarity, maps]) part.clear();
    before = undefined;
    say("");
  }

  ctx.register(() => {
    before = undefined;
    say("");
  });

  return {
    ...Object.fromEntries(Object.entries({ seen, label, confidence, sum, list, polarity, maps })
      .map(([name, part]) => [name, part.element])),
    same, set, clear,
    remark(text) {
      say(text);
      ctx.announce(text);
    },
  };
}
