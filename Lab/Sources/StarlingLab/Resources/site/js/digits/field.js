// A number to type, with its name.

import { el, id } from "../dom.js";

/**
 * @param {{label: string, min: number, max: number, step?: number|"any", value: number,
 *   onInput: (value: number) => void}} options `onInput` is called with what makes a number within
 *   the bounds, and with nothing else
 * @returns {{element: HTMLElement, set: (value: number) => void, isValid: () => boolean}} `isValid`
 *   also says to the reader what is wrong
 */
export function field({ label, min, max, step = 1, value, onInput }) {
  const input = el("input", {
    type: "number", class: "number", id: id("field"), inputmode: "decimal", autocomplete: "off",
    required: true, min, max, step, value,
    on: { input: () => input.checkValidity() && onInput(input.valueAsNumber) },
  });
  return {
    element: el("div", { class: "field" }, el("label", { for: input.id }, label), input),
    set: (n) => { input.value = n; },
    isValid: () => input.reportValidity(),
  };
}
