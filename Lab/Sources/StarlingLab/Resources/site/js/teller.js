// What is told of a page whose numbers change as one types or drags: the last of them, once there
// is a rest.

/** So many milliseconds without a change are a rest. */
const rest = 500;

/**
 * A function that announces what a page shows now. What it shows first nobody has changed, and so
 * that is not announced.
 *
 * @param {Object} ctx the page's
 * @returns {(words: string) => void}
 */
export function teller(ctx) {
  let isFirst = true;
  let timer;
  // After a failure the numbers are not believed any more.
  ctx.register(() => clearTimeout(timer));
  return (words) => {
    clearTimeout(timer);
    if (!isFirst) timer = setTimeout(() => !ctx.signal.aborted && ctx.announce(words), rest);
    isFirst = false;
  };
}
