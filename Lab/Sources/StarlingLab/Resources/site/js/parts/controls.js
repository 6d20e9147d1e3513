// Sliders, choices, switches and buttons: the browser's own, with a name and a value that is seen.

import { el, id } from "../dom.js";
import { plain } from "../format.js";

/**
 * A slider with its name and its value.
 *
 * @param {{label: string, min: number, max: number, step?: number, value: number, onInput: (value:
 *   number) => void, format?: (value: number) => string}} options
 * @returns {{element: HTMLElement, set: (value: number) => void, value: () => number, input:
 *   HTMLInputElement}} `set` does not call onInput
 */
export function slider({
  label, min, max, step = 1, value, onInput, format = (n) => plain(n),
}) {
  const inputId = id("slider");
  const input = el("input", {
    type: "range", id: inputId, min, max, step,
    on: { input: () => { now = Number(input.value); show(); onInput(now); } },
  });
  const shown = el("span", { class: "figure", "aria-hidden": "true" });
  const element = el("div", { class: "control slider" },
    el("label", { for: inputId }, label), shown, input);
  let now;

  function show() {
    shown.textContent = format(now);
    input.setAttribute("aria-valuetext", format(now));
  }

  function set(to) {
    now = to;
    input.value = to;
    show();
  }

  set(value);
  return { element, set, input, value: () => now };
}

/**
 * One of a few: radio buttons side by side.
 *
 * @param {{label: string, options: (string|{value: string, label: string})[], value: string,
 *   onInput: (value: string) => void}} options
 * @returns {{element: HTMLElement, set: (value: string) => void, value: () => string}} `set` does
 *   not call onInput
 */
export function choice({ label, options, value, onInput }) {
  const name = id("choice");
  const fields = options.map((option) => el("input", {
    type: "radio", name, value: option.value ?? option, on: { change: () => onInput(current()) },
  }));
  const labels = options.map((option, index) =>
    el("label", {}, fields[index], el("span", {}, option.label ?? option)));
  const element = el("fieldset", { class: "control choice" },
    el("legend", {}, label), el("div", { class: "segments" }, labels));

  function current() {
    return fields.find((field) => field.checked)?.value;
  }

  function set(to) {
    for (const field of fields) field.checked = field.value === to;
  }

  set(value);
  return { element, set, value: current };
}

/**
 * On or off.
 *
 * @param {{label: string, value?: boolean, onInput: (isOn: boolean) => void}} options
 * @returns {{element: HTMLElement, set: (isOn: boolean) => void, value: () => boolean}} `set` does
 *   not call onInput
 */
export function toggle({ label, value = false, onInput }) {
  const field = el("input", {
    type: "checkbox", checked: value, on: { change: () => onInput(field.checked) },
  });
  const element = el("label", { class: "control toggle" }, field, el("span", {}, label));
  return { element, set: (isOn) => { field.checked = isOn; }, value: () => field.checked };
}

/**
 * A button.
 *
 * @param {{label: string, onClick: () => void, isMain?: boolean, isDisabled?: boolean, name?:
 *   string}} options `isMain` is the one that the page is about; `name` is said instead of the
 *   label, where that alone says too little
 * @returns {{element: HTMLButtonElement, set: (state: {isDisabled: boolean}) => void}}
 */
export function button({ label, onClick, isMain = false, isDisabled = false, name }) {
  const element = el("button", {
    type: "button", class: isMain ? "main" : null, disabled: isDisabled, "aria-label": name,
    on: { click: () => onClick() },
  }, label);

  return { element, set: ({ isDisabled: isOff }) => { element.disabled = isOff; } };
}
