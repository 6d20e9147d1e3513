// The deck's own forward pass, laid out as the source beside it.

import { el } from "../dom.js";

const text = [
  "self.output = np.copy(self.biases)",
  "for i in range(self.depth):",
  "    for j in range(self.input_depth):",
  "        self.output[i] += correlate2d(",
  "            self.input[j], self.kernels[i, j], mode='valid'",
  "        )",
  "return self.output",
];

const atStart = [1];
const atProduct = [4, 5, 6];

/**
 * The listing.
 * @returns {{element: HTMLElement, set: (isStarted: boolean) => void}} `set` marks the lines at
 *   work: those of a product, or the one that the output begins with
 */
export function python() {
  const items = text.map((line, position) => {
    const code = el("code", {}, line);
    code.style.setProperty("--indent", `${line.search(/\S/) + 4}ch`);
    return el("li", { "data-line": position + 1 }, code);
  });
  const element = el("section", { class: "source" },
    el("h2", { class: "source-name" }, "The deck’s Python, with its letters"),
    el("div", {
      class: "scroller", tabindex: "0", role: "region", "aria-label": "The deck’s Python",
    }, el("ol", { class: "listing" }, items)));

  function set(isStarted) {
    const lines = isStarted ? atProduct : atStart;
    items.forEach((node, position) => {
      const isCurrent = lines.includes(position + 1);
      node.classList.toggle("is-current", isCurrent);
      if (isCurrent) node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
    });
  }

  return { element, set };
}
