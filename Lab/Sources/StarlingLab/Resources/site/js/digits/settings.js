// The settings of the next run, as fields and in the address.

import { get, patience } from "../api.js";
import { el, id } from "../dom.js";
import { button, choice, note, row, toggle } from "../parts.js";
import * as state from "../state.js";
import { field } from "./field.js";

/** A learning rate 100 times the deck's, with which the error runs away at once. */
const farTooLarge = 10;

/** The least and the largest that the server takes. */
const [least, largest] = [1e-30, 1e38];

/** The settings in the address; the deck's where it says nothing. */
const schema = {
  data: state.choice("best", "mnist", "digits"),
  images: state.integer(100, 1, 1000),
  epochs: state.integer(20, 1, 100),
  rate: {
    default: 0.1,
    parse: (text) => (Number(text) >= least && Number(text) <= largest ? Number(text) : undefined),
    print: String,
  },
  seed: state.integer(1, 0, 1000000),
  mistake: state.text("none"),
  paused: state.flag(false),
};

const sets = { mnist: "MNIST", digits: "Built-in digits" };

/**
 * The fields, and apart from them the choice of a mistake to plant.
 *
 * @param {Object} ctx the page's
 * @returns {{element: HTMLElement, mistakes: HTMLElement, value: () => (Object|undefined), set:
 *   (settings: Object) => void, title: (mistake: string) => string}} `value` is what `/api/runs`
 *   takes, undefined while a field holds no such number; `set` takes the settings of a run
 */
export function settings(ctx) {
  const at = ctx.read(schema);
  const keep = (name) => (value) => {
    at[name] = value;
    ctx.write(schema, at);
  };
  const number = (name, label, min, max, step) =>
    field({ label, min, max, step, value: at[name], onInput: keep(name) });

  const fields = {
    images: number("images", "Images of each digit", 1, 1000),
    epochs: number("epochs", "Epochs", 1, 100),
    rate: number("rate", "Learning rate", least, largest, "any"),
    seed: number("seed", "Seed", 0, 1000000),
  };
  const paused = toggle({
    label: "Pause before the first sample", value: at.paused, onInput: keep("paused"),
  });
  const tooLarge = button({
    label: "A rate far too large",
    onClick() {
      keep("rate")(farTooLarge);
      fields.rate.set(farTooLarge);
    },
  });
  const data = el("div");
  const remark = note();
  const mistakes = el("fieldset", { class: "options" });
  let setChoice;
  let planted = [];

  ctx.computed(() => get("/api/data", patience), ({ mnist }) => {
    const offered = mnist.isAvailable ? ["mnist", "digits"] : ["digits"];
    remark.hidden = mnist.isAvailable;
    remark.textContent = mnist.isAvailable ? ""
      : `Starling’s own built-in digits stand in for MNIST. ${mnist.message}`;
    setChoice = choice({
      label: "Learn from", options: offered.map((value) => ({ value, label: sets[value] })),
      value: offered.includes(at.data) ? at.data : offered[0], onInput: keep("data"),
    });
    data.replaceChildren(setChoice.element);
  }, { key: "sets" });

  ctx.computed(() => get("/api/planted"), (found) => {
    planted = found;
    if (!planted.some((each) => each.id === at.mistake)) {
      at.mistake = "none";
      ctx.doubt(["mistake"]);
    }
    mistakes.replaceChildren(el("legend", {}, "The mistake"), ...planted.map(option));
  }, { key: "planted" });

  function option({ id: value, title, whatIsWrong }) {
    const [name, what] = [id("name"), id("what")];
    return el("label", {},
      el("input", {
        type: "radio", name: "mistake", value, checked: value === at.mistake,
        "aria-labelledby": name, "aria-describedby": what,
        on: { change: () => keep("mistake")(value) },
      }),
      el("span", { id: name }, title), el("span", { id: what, class: "what" }, whatIsWrong));
  }

  return {
    mistakes,
    element: el("fieldset", { class: "group" },
      el("legend", {}, "Settings of the next run"),
      row(data, ...Object.values(fields).map(({ element }) => element)),
      row(paused.element, tooLarge.element), remark),
    value() {
      if (!Object.values(fields).every((each) => each.isValid())) return undefined;
      const { images, epochs, rate, seed, mistake } = at;
      const chosen = setChoice?.value();
      return {
        ...(chosen && { data: chosen }), isPaused: at.paused,
        images, epochs, learningRate: rate, seed, mistake,
      };
    },
    set(run) {
      const { data: set, images, epochs, learningRate: rate, seed, mistake } = run;
      Object.assign(at, { data: set, images, epochs, rate, seed, mistake });
      ctx.write(schema, at);
      for (const [name, each] of Object.entries(fields)) each.set(at[name]);
      setChoice?.set(set);
      for (const radio of mistakes.querySelectorAll("input")) {
        radio.checked = radio.value === mistake;
      }
    },
    title: (mistake) => planted.find(({ id }) => id === mistake)?.title ?? mistake,
  };
}
