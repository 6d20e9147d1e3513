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
  const across = document.documentElement.clientWidth - width - gap;
  const left = clamp(at.left + at.width / 2 - width / 2, across);
  const top = clamp(fitsBelow ? at.bottom + gap : at.top - gap - height,
    window.innerHeight - height - gap);
  card.style.setProperty("top", `${top + window.scrollY}px`);
  card.style.setProperty("left", `${left + window.scrollX}px`);
}

function clamp(at, last) {
  return Math.max(gap, Math.min(at, last));
}
