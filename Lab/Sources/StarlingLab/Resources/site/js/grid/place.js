// Where a card over the page stands.

const gap = 8;

/**
 * Puts a card below what it is about, or above it where there is no room below; never over the
 * window's edge.
 *
 * @param {HTMLElement} card which is open
 * @param {HTMLElement} node what it is about
 */
export function place(card, node) {
  const at = node.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const fitsBelow = at.bottom + gap + height < window.innerHeight || at.top < height + gap;
  const top = fitsBelow ? at.bottom + gap : at.top - gap - height;
  const room = document.documentElement.clientWidth - width - gap;
  const left = Math.max(gap, Math.min(at.left + at.width / 2 - width / 2, room));
  card.style.setProperty("top", `${top + window.scrollY}px`);
  card.style.setProperty("left", `${left + window.scrollX}px`);
}
