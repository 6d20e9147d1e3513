// What was typed in vain: words over the page, beside the grid that did not take it. They take no
// room on the page, which would move away under a pointer that is about to be pressed.

import { el } from "../dom.js";
import { place } from "./place.js";

const card = el("p", { class: "complaint", popover: "manual", "aria-hidden": "true" });
/** The same words for whoever listens: only what changes in something that is there is read. */
const spoken = el("p", { class: "unseen", role: "status" });
let about;

/**
 * Says what was wrong, until the next press, the next number, or Escape.
 *
 * @param {HTMLElement} node what did not take it
 * @param {string} words
 */
export function complain(node, words) {
  about = node;
  card.textContent = words;
  spoken.textContent = words;
  if (!isOpen()) card.showPopover();
  follow();
}

/** Says it no more. */
export function withdraw() {
  about = undefined;
  spoken.textContent = "";
  if (isOpen()) card.hidePopover();
}

/** Keeps the words beside what they are about, after the page has changed. */
export function follow() {
  if (about?.isConnected) place(card, about);
  else if (about) withdraw();
}

function isOpen() {
  return card.matches(":popover-open");
}

document.body.append(card, spoken);
document.addEventListener("pointerdown", withdraw);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") withdraw(); });
window.addEventListener("resize", withdraw);
