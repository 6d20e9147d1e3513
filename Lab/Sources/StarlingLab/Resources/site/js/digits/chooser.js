// Which digit to look at: a set, a half of it, a class, and a number within the class.

import { get, patience } from "../api.js";
import { el } from "../dom.js";
import { choice, note, row, slider } from "../parts.js";
import * as state from "../state.js";

/** The state of a chooser. `set` left out of the address is MNIST where it is there. */
const schema = {
  set: state.choice("best", "mnist", "digits"),
  part: state.choice("test", "train"),
  class: state.integer(0, 0, 9),
  index: state.integer(0, 0, 100000),
};

const names = { mnist: "MNIST", digits: "Built-in digits" };

/**
 * The chooser. Says where MNIST is not there, and offers the built-in digits.
 *
 * @param {Object} ctx the page's
 * @param {{onDigit: (digit: {set: string, part: string, class: number, index: number, count:
 *   number, pixels: number[][]}) => void, isQuiet?: boolean}} options called once with each digit
 *   that was chosen, and at the start unless `isQuiet`
 * @returns {{element: HTMLElement, choose: (digit: {class?: number, index?: number}) => void,
 *   drop: () => void}} `drop` forgets a choice whose digit has not come yet
 */
export function chooser(ctx, { onDigit, isQuiet = false }) {
  const wanted = ctx.read(schema);
  // Unknown until the server has said it: no digit is asked for before, for it might be of another
  // set.
  let isMNISTThere;
  // Whether a digit was chosen that has not come yet. One that comes again after a failure was not.
  let isAwaited = !isQuiet;

  const message = note();
  message.hidden = true;
  const set = el("div");
  const part = choice({
    label: "Half", value: wanted.part, onInput: (value) => change({ part: value }),
    options: [{ value: "test", label: "test" }, { value: "train", label: "training" }],
  });
  const digit = choice({
    label: "Digit", options: [..."0123456789"], value: String(wanted.class),
    onInput: (value) => change({ class: Number(value) }),
  });
  const index = slider({
    label: "Which of them", min: 0, max: 199, value: Math.min(wanted.index, 199),
    onInput: (value) => change({ index: value }),
  });

  function change(values) {
    isAwaited = true;
    Object.assign(wanted, values);
    ctx.write(schema, wanted);
    if (isMNISTThere === undefined) look();
    else load();
  }

  const current = () => (isMNISTThere && wanted.set !== "digits" ? "mnist" : "digits");

  let asked = 0;

  async function ask() {
    asked += 1;
    const question = asked;
    const { part: half, class: name } = wanted;
    const place = (n) => `/api/digits?set=${current()}&part=${half}&class=${name}&index=${n}`;
    // How many there are is told only together with one of them, and the first is always there.
    try {
      const first = await get(place(0), patience);
      const n = Math.min(wanted.index, first.count - 1);
      const answer = n === 0 ? first : await get(place(n), patience);
      // An older question than the latest is not answered, and does not fail.
      return question === asked ? answer : undefined;
    } catch (error) {
      if (question === asked) throw error;
      return undefined;
    }
  }

  const load = () => ctx.computed(ask, (answer) => {
    wanted.index = answer.index;
    ctx.write(schema, wanted);
    index.input.max = answer.count - 1;
    index.set(answer.index);
    if (!isAwaited) return;
    isAwaited = false;
    onDigit(answer);
  }, { key: "digit" });

  const look = () => ctx.computed(() => get("/api/data", patience), ({ mnist }) => {
    isMNISTThere = mnist.isAvailable;
    message.hidden = isMNISTThere;
    message.textContent = isMNISTThere ? ""
      : `Starling’s own built-in digits stand in for MNIST. ${mnist.message}`;
    const offered = isMNISTThere ? ["mnist", "digits"] : ["digits"];
    set.replaceChildren(choice({
      label: "Set", value: current(),
      options: offered.map((value) => ({ value, label: names[value] })),
      onInput: (value) => change({ set: value }),
    }).element);
    load();
  }, { key: "data" });

  look();

  return {
    element: el("div", { class: "chooser" },
      row(set, part.element), row(digit.element, index.element), message),
    choose(values) {
      if (values.class !== undefined) digit.set(String(values.class));
      change(values);
    },
    drop() { isAwaited = false; },
  };
}
