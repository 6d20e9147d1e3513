// "Why this number?": one card over the page, beside the cell that it is about.

import { clear, el } from "../dom.js";
import { place } from "./place.js";

let card;
let body;

/** Counts the questions, so that of two answers the newer's is shown, whichever comes last. */
let question = 0;
/** The cell that the latest question is about, and the value that it had. */
let about;

/**
 * Opens the answer beside a cell and moves the focus into it; Escape, the button, or a press
 * anywhere else closes it, and the focus is back in the cell. A newer question takes the place of
 * an older one.
 *
 * @param {HTMLElement} cell
 * @param {string} title such as `Y, row 0, column 0`
 * @param {string|Node|Promise<string|Node>} answer nothing is opened for an answer that is empty
 */
export async function openWhy(cell, title, answer) {
  question += 1;
  const asked = question;
  about = { cell, value: shown(cell) };
  const content = await answer;
  if (asked !== question || !content || !cell.isConnected) return;
  card ?? make();
  if (card.matches(":popover-open")) card.hidePopover();
  clear(body).append(content);
  card.setAttribute("aria-label", `Why this number? ${title}`);
  card.showPopover();
  place(card, cell);
  card.focus({ preventScroll: true });
}

/** Closes the answer, or waits for it no more: its number is not believed any more. */
export function closeWhy() {
  question += 1;
  about = undefined;
  if (card?.matches(":popover-open")) card.hidePopover();
}

/** Closes the answer if its number is another by now. */
export function closeOutdatedWhy() {
  if (about && (!about.cell.isConnected || shown(about.cell) !== about.value)) closeWhy();
}

/** The number that a cell shows, to its last digit where it tells that. */
function shown(cell) {
  return cell.dataset.value ?? cell.textContent;
}

function make() {
  body = el("div", {});
  card = el("div", { class: "why", popover: "auto", role: "dialog", tabindex: "-1" },
    el("button", {
      type: "button", class: "why-close", "aria-label": "Close", on: { click: closeWhy },
    }, "×"),
    body);
  document.body.append(card);
}
