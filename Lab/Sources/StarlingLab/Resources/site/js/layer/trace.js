// The steps of a pass. They can be thousands, so they are fetched a page at a time, as one comes to
// them.

import { latest, post } from "../api.js";
import { cell } from "./numbers.js";

const pageLength = 64;

/**
 * Fetches the steps around the one that is shown.
 *
 * @param {Object} ctx the page's
 * @param {{key: string, path: string, body: () => Object, step: () => number,
 *   render: (answer: Object, taken: Object[]) => void}} options `step`: how many steps have been
 *   done; `render` has the answer that holds the last of them, and those of its steps that have
 *   been done
 * @returns {{show: () => Promise<boolean>, reset: () => void, has: () => boolean}} `show` renders,
 *   at once if the page is here (`has`), and otherwise when it has come; `reset` forgets what is
 *   here
 */
export function trace(ctx, { key, path, body, step, render }) {
  const pages = new Map();
  const reset = () => pages.clear();
  ctx.register(reset);

  function draw(answer) {
    render(answer, answer.steps.slice(0, step() - answer.from));
  }

  async function show() {
    const here = pages.get(start(step()));
    if (here) {
      draw(here);
      return true;
    }
    return ctx.computed(
      () => latest(key, path, { ...body(), from: start(step()), count: pageLength }),
      (answer) => {
        pages.set(answer.from, answer);
        // One may have gone on since.
        if (answer.from === start(step())) draw(answer);
      },
      { key });
  }

  return { show, reset, has: () => pages.has(start(step())) };
}

/** Where the page begins that holds the last of so many steps. */
function start(steps) {
  return steps === 0 ? 0 : pageLength * Math.floor((steps - 1) / pageLength);
}

/**
 * What stands in a volume after some steps: what stood there before, and in each step's place its
 * sum.
 *
 * @param {number[][][]} before
 * @param {Object[]} steps
 * @param {"i"|"j"} channel which letter of a step counts the volume's channels
 * @returns {number[][][]}
 */
export function after(before, steps, channel) {
  const now = structuredClone(before);
  for (const step of steps) now[step[channel]][step.target.row][step.target.column] = step.sum;
  return now;
}

/**
 * The products that went into one number, for "why this number?": the steps in some places of the
 * pass.
 *
 * @param {Object} ctx the page's
 * @param {string} path
 * @param {Object} body
 * @param {number[]} places where runs of steps begin
 * @param {number} count how long each run is
 * @returns {Promise<Object[][]|undefined>} the steps of each run; undefined if they did not come
 */
export async function stepsAt(ctx, path, body, places, count) {
  let runs;
  await ctx.computed(
    () => Promise.all(places.map((from) => post(path, { ...body, from, count }))),
    (answers) => { runs = answers.map((answer) => answer.steps); },
    { isAction: true });
  return runs;
}

/** A step of a forward pass as `products` in parts.js shows it. */
export function asTerm({ j, i, left, right, product, sum }) {
  return {
    left: left.value, right: right.value, product, sum,
    leftName: cell(`X[${i}]`, left.position), rightName: cell(`K[${j}, ${i}]`, right.position),
  };
}
