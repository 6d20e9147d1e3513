// What was typed in vain: words over the page, beside the grid that did not take it. They take no
// room on the page, which would move away under a pointer that is about to be pressed.

import { el } from "../dom.js";
import { place } from "./place.js";

let card;

/**
 * Says what was wrong, until the next press or the next number.
 *
 * @param {HTMLElement} node what did not take it
 * @param {string} words
 */
export function complain(node, words) {
  if (!card) {
    card = el("p", { class: "complaint", popover: "manual", role: "status" });
    document.body.append(card);
  }
  withdraw();
  card.showPopover();
  // Only what changes in something that is there already is read aloud.
  card.textContent = words;
  place(card, node);
  document.addEventListener("pointerdown", withdraw, { once: true });
}

/** Says it no more. */
export function withdraw() {
  if (!card?.matches(":popover-open")) return;
  card.hidePopover();
  card.textContent = "";
}
