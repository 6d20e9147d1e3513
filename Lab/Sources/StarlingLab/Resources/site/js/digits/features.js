// The five feature maps of a picture, after the sigmoid.

import { el } from "../dom.js";
import { image } from "../grid.js";
import { depth } from "./deck.js";

/**
 * @param {...{element: HTMLElement}} before pictures that stand in front of them
 * @returns {{element: HTMLElement, set: (maps: number[][][]) => void, clear: () => void}}
 */
export function features(...before) {
  const pictures = Array.from({ length: depth }, (_, j) =>
    image({ name: "A", label: `σ(Y[${j}])`, channel: j, size: 104 }));
  return {
    element: el("ul", { class: "pictures" },
      [...before, ...pictures].map(({ element }) => el("li", {}, element))),
    set: (maps) => maps.forEach((map, j) => pictures[j].set(map)),
    clear: () => pictures.forEach((picture) => picture.clear()),
  };
}
