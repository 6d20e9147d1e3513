// Test images that a network misreads, the surest mistakes first.

import { el } from "../dom.js";
import { count, plain } from "../format.js";
import { image } from "../grid.js";
import { output } from "../parts.js";
import { classes } from "./scores.js";

/**
 * The mistakes of `/api/runs/{id}/mistakes`.
 *
 * @param {{onPick?: (mistake: Object) => void}} [options] makes each a button
 * @returns {{element: HTMLElement, set: (answer: {count: number, total: number, mistakes:
 *   Object[]}) => void, clear: () => void}}
 */
export function mistakeList({ onPick } = {}) {
  const [wrong, all] = [output("mistakes", count), output("tested", count)];
  const list = el("ul", { class: "pictures" });
  let views = [];

  function show(mistake, n) {
    views[n] ??= make(n);
    const { view, words, item } = views[n];
    const { label, answer, scores, index } = mistake;
    list.append(item);
    view.set(mistake.pixels);
    const score = scores[classes.indexOf(answer)];
    words.textContent = `a ${label}, read as ${answer}: ${plain(score, 4)}`;
    if (onPick) item.firstElementChild.onclick = () => onPick(mistake);
    item.dataset.index = index;
  }

  function make(n) {
    const view = image({ name: "mistake", label: "", channel: n, size: 84 });
    const words = el("figcaption", { "data-computed": true });
    view.element.append(words);
    const button = onPick && el("button", { type: "button", class: "picture" }, view.element);
    return { view, words, item: el("li", {}, button ?? view.element) };
  }

  return {
    element: el("div", { class: "mistakes" },
      el("p", {}, wrong.element, " of ", all.element, " test images are misread."), list),
    set(answer) {
      wrong.set(answer.count);
      all.set(answer.total);
      list.replaceChildren();
      answer.mistakes.forEach(show);
    },
    clear() {
      wrong.clear();
      all.clear();
      list.replaceChildren();
    },
  };
}
