// A part of page 7: what it does on one side, its source on the other.

import { el } from "../dom.js";
import { section } from "../parts.js";

/**
 * A section whose source stands beside it, or below it where there is no room.
 * @param {string} heading
 * @param {{element: HTMLElement}} code as `source` makes it
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function part(heading, code, ...children) {
  return section(heading, el("div", { class: "two" }, el("div", {}, children), code.element));
}
