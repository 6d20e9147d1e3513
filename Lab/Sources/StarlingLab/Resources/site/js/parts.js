// The parts that pages are made of, one file an idea.
export { check } from "./parts/check.js";
export { formula } from "./parts/formula.js";
export { source } from "./parts/source.js";
export { stepper } from "./parts/stepper.js";
export { ask } from "./parts/ask.js";
export { slider, choice, toggle, button } from "./parts/controls.js";
export { chart } from "./parts/chart.js";
export { output, products, section, equation, row, note, deckSays } from "./parts/text.js";
