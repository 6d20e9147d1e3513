// Through a computation step by step, there and back.

import { el } from "../dom.js";
import { count, missing } from "../format.js";
import { announce, register } from "../page.js";

/**
 * First, Back, Step, Play or Pause, and a range over the steps that have been done, 0…total. Inside
 * it ← and → step, Home and End go to the ends, Space plays and pauses (on a button it presses the
 * button). Nothing plays by itself.
 *
 * @param {{total?: number, step?: number, onStep: (step: number) => void, label?: string,
 *   describe?: (step: number) => string}} options `describe` is announced after "Step 4 of 16.",
 *   once onStep has returned; leave it out where the answer comes later, and announce it yourself
 * @returns {{element: HTMLElement, set: (state: {total?: number, step?: number}) => void, clear: ()
 *   => void}} `set` does not call onStep. A failure clears it: no total, nothing to press, until
 *   the next `set`.
 */
export function stepper({ total, step = 0, onStep, label = "Steps", describe }) {
  const first = press("First", () => go(0));
  const back = press("Back", () => go(step - 1));
  const forth = press("Step", () => go(step + 1), "main");
  const play = press("Play", () => (timer ? pause() : start()));
  const range = el("input", {
    type: "range", min: 0, max: 0, step: 1, "aria-label": `${label}: steps done`,
    on: { input: () => { pause(); go(Number(range.value)); } },
  });
  const words = el("p", { class: "stepper-words" });
  const element = el("div", {
    class: "stepper", role: "group", "aria-label": label, on: { keydown: onKey },
  }, el("div", { class: "row" }, first, back, forth, play), range, words);
  let timer;

  function press(text, onClick, kind) {
    return el("button", { type: "button", class: kind, on: { click: onClick } }, text);
  }

  function go(to) {
    if (total === undefined) return;
    const next = Math.min(total, Math.max(0, to));
    if (next === step) return;
    step = next;
    show();
    onStep(step);
    if (!timer) announce([`Step ${step} of ${total}.`, describe?.(step)].filter(Boolean).join(" "));
  }

  function start() {
    if (total === undefined) return;
    if (step >= total) go(0);
    timer = setInterval(() => {
      if (!element.isConnected) return pause();
      go(step + 1);
      if (step >= total) pause();
    }, 700);
    play.textContent = "Pause";
  }

  function pause() {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    play.textContent = "Play";
    if (element.isConnected && total !== undefined) announce(`Step ${step} of ${total}.`);
  }

  function show() {
    const isKnown = total !== undefined;
    range.max = total ?? 0;
    range.value = step;
    range.setAttribute("aria-valuetext", isKnown ? `${step} of ${total}` : "not known");
    range.disabled = !isKnown;
    // aria-disabled and not disabled: a button that loses the focus at the end would lose the
    // reader's place.
    const isAtStart = !isKnown || step === 0;
    const isAtEnd = !isKnown || step >= total;
    const isOff = [[first, isAtStart], [back, isAtStart], [forth, isAtEnd], [play, !isKnown]];
    for (const [button, off] of isOff) button.setAttribute("aria-disabled", String(off));
    const figure = (n) => el("span", { class: "figure" }, isKnown ? count(n) : missing);
    words.replaceChildren("Step ", figure(step), " of ", figure(total));
  }

  function onKey(event) {
    const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: total }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (to !== undefined) {
      event.preventDefault();
      pause();
      go(to);
    } else if (event.key === " " && event.target === range) {
      event.preventDefault();
      play.click();
    }
  }

  function set(state) {
    if ("total" in state) total = state.total;
    if ("step" in state) step = state.step;
    if (total !== undefined) step = Math.min(step, total);
    show();
  }

  function clear() {
    pause();
    total = undefined;
    show();
  }

  register(clear);
  show();
  return { element, set, clear };
}
