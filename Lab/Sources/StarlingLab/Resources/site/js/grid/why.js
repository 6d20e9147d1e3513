// "Why this number?": one card over the page, beside the cell that it is about.

import { clear, el } from "../dom.js";

let card;
let body;

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
  const content = await answer;
  if (!content || !cell.isConnected) return;
  card ?? make();
  if (card.matches(":popover-open")) card.hidePopover();
  clear(body).append(content);
  card.setAttribute("aria-label", `Why this number? ${title}`);
  card.showPopover();
  place(cell);
  card.focus({ preventScroll: true });
}

/** Closes the answer, for its number is not believed any more. */
export function closeWhy() {
  if (card?.matches(":popover-open")) card.hidePopover();
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

/** Below the cell, or above it where there is no room below; never over the window's edge. */
function place(cell) {
  const gap = 8;
  const at = cell.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const fitsBelow = at.bottom + gap + height < window.innerHeight || at.top < height + gap;
  const top = fitsBelow ? at.bottom + gap : at.top - gap - height;
  const room = document.documentElement.clientWidth - width - gap;
  const left = Math.max(gap, Math.min(at.left + at.width / 2 - width / 2, room));
  card.style.setProperty("top", `${top + window.scrollY}px`);
  card.style.setProperty("left", `${left + window.scrollX}px`);
}
