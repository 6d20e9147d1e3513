// A network's gradients beside their finite differences, tensor by tensor.

import { el } from "../dom.js";
import { check } from "../parts.js";

/**
 * The checks of `/api/runs/{id}/checks`, each an `<output data-check="dK">`: dK and dB are the
 * convolution's, dW3, dB3 the dense layer's at position 3, dX the input's.
 *
 * @returns {{element: HTMLElement, set: (checks: Object[]) => void, clear: () => void}}
 */
export function checkList() {
  const element = el("ul", { class: "checks" });
  const parts = new Map();
  return {
    element,
    set(checks) {
      for (const one of checks) {
        const name = handle(one);
        if (!parts.has(name)) {
          const part = check(name, `${one.layer}, ${one.parameter}`);
          parts.set(name, part);
          element.append(el("li", {}, part.element));
        }
        parts.get(name).set(one);
      }
    },
    clear: () => parts.forEach((part) => part.clear()),
  };
}

function handle({ layer, parameter }) {
  if (parameter === "input") return "dX";
  const isConvolution = /convolution/i.test(layer);
  const letter = parameter === "bias" ? "B" : isConvolution ? "K" : "W";
  return `d${letter}${isConvolution ? "" : /\d+/.exec(layer)?.[0] ?? ""}`;
}
