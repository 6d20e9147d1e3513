// The page that is open: what on it was computed, and what becomes of that when an answer fails.
//
// A number on the page is worth no more than the answer that it came from. So everything that shows
// one registers how to clear itself, every request goes through `computed`, and when one fails all
// of them are cleared to "—" and one alert says why. When the next request succeeds, the others are
// asked again.

import { ApiError } from "./api.js";
import { el } from "./dom.js";
import { missing } from "./format.js";

let clearers = new Set();
let requests = new Map();
let generation = 0;
let isFailed = false;
/** The page that is open: how many things it waits for. */
let open = { underWay: 0 };

/**
 * Registers something that shows computed numbers: `clear` is called when they can no longer be
 * believed. The parts and grids register themselves; a page needs this only for what it draws with
 * its own hands. Forgotten when the page is left.
 *
 * @param {() => void} clear
 */
export function register(clear) {
  clearers.add(clear);
}

/**
 * Runs a request and renders its answer. The only way from an answer to the page.
 *
 * `computed(() => latest("forward", "/api/forward", {x, k, b}), (answer) => y.set(answer.y))`
 *
 * - The answer undefined (a call given up for a newer one) is not rendered.
 * - When the request fails, or `render` throws: every computed number on the page is cleared, the
 *   alert says why, and answers that are still under way are dropped.
 * - When a request succeeds after a failure, the alert goes, and the latest request of each other
 *   call site is sent again, so that the whole page is computed once more.
 *
 * @param {(() => Promise<any>)|Promise<any>} call a function, so that it can be sent again; a
 *   promise will do for what never needs to be.
 * @param {(answer: any) => void} render
 * @param {{isAction?: boolean, isText?: boolean, key?: string}} [options] `isAction` for what must
 *   not be sent a second time by itself, such as starting a run or taking one sample; `isText` for
 *   an answer that holds no computed number, which is rendered whatever else has failed; `key`
 *   tells call sites apart, by default the text of the function `call` does.
 * @returns {Promise<boolean>} whether the answer was rendered
 */
export async function computed(call, render, { isAction, isText, key } = {}) {
  if (typeof call === "function" && !isAction) {
    requests.set(key ?? String(call), { call, render, isText });
  }
  return ask(call, render, { isText, mayRecover: !isText });
}

/**
 * Says that the page's numbers can no longer be believed: clears them all and shows the alert. For
 * failures that `computed` does not see, such as a lost event stream.
 *
 * @param {Error} error
 */
export function fail(error) {
  generation += 1;
  isFailed = true;
  for (const clear of clearers) clear();
  const others = document.querySelectorAll("#content [data-computed]");
  for (const node of others) {
    node.textContent = missing;
    node.removeAttribute("data-value");
  }
  // What was said last may hold a number, too.
  document.getElementById("announcer").textContent = "";
  const isAnswer = error instanceof ApiError;
  const message = isAnswer ? error.message : `The answer makes no sense here: ${error.message}`;
  if (error.status >= 400 && error.status < 500) {
    alertBox.show(message, "This cannot be computed.", false);
  } else {
    alertBox.show(message);
  }
}

/**
 * Says something to whoever listens to the page instead of looking at it; what was said before is
 * replaced. Short: "Step 4 of 16. Y, row 0, column 0 is +8."
 *
 * @param {string} text
 */
export function announce(text) {
  const speaker = document.getElementById("announcer");
  // The same words twice would be passed over in silence: the second time they end in a space more.
  speaker.textContent = speaker.textContent === text ? `${text}\u00a0` : text;
}

/**
 * Marks the page as busy (`data-busy`) until something is done and what came of it is shown: all that
 * is asked for through `computed`, and a page on its way. Whoever looks at the page by a program
 * knows by it when the page is whole. While a run goes on, page 9 is busy with its events nearly
 * all the time.
 *
 * @param {() => Promise<any>} work
 * @returns {Promise<any>} what the work returns
 */
export async function busy(work) {
  const content = document.getElementById("content");
  const page = open;
  page.underWay += 1;
  content.dataset.busy = "";
  try {
    return await work();
  } finally {
    page.underWay -= 1;
    // What a page that was left has asked for is nothing that one waits for.
    if (page === open && page.underWay === 0) delete content.dataset.busy;
  }
}

const words = el("p", { class: "alert-message" });
const heading = el("p", { class: "alert-heading" });
const again = el("button", { type: "button", on: { click: () => retry() } }, "Try again");
const box = el("div", { class: "alert", role: "alert", hidden: true },
  el("div", {}, heading, words), again);

/** The page's one alert: what failed, in words, and where it may help a button that asks again. */
export const alertBox = {
  element: box,
  show(message, title = "Nothing here is computed now.", mayTryAgain = true) {
    heading.textContent = title;
    words.textContent = message;
    again.hidden = !mayTryAgain;
    box.hidden = false;
  },
  hide() {
    box.hidden = true;
  },
};

/** Forgets the page that is left: its requests are not rendered any more. For the router. */
export function leave() {
  clearers = new Set();
  requests = new Map();
  open = { underWay: 0 };
  generation += 1;
  isFailed = false;
  alertBox.hide();
}

function ask(call, render, options) {
  return busy(() => shown(call, render, options));
}

async function shown(call, render, { isText = false, mayRecover = false } = {}) {
  const asked = generation;
  try {
    const answer = await (typeof call === "function" ? call() : call);
    if ((asked !== generation && !isText) || answer === undefined) return false;
    render(answer);
  } catch (error) {
    if (asked === generation) fail(error);
    return false;
  }
  if (isFailed && mayRecover) recover(call);
  return true;
}

function recover(succeeded) {
  isFailed = false;
  alertBox.hide();
  for (const { call, render, isText } of [...requests.values()]) {
    if (call !== succeeded) ask(call, render, { isText });
  }
}

function retry() {
  const first = requests.values().next().value;
  if (first) ask(first.call, first.render, { isText: first.isText, mayRecover: true });
  else location.reload();
}
