// Matrices and volumes on the page; what each function takes is written where it is.
export { grid } from "./grid/matrix.js";
export { stack } from "./grid/stack.js";
export { image } from "./grid/image.js";
export { legend } from "./grid/legend.js";
export { scaleOf } from "./grid/colour.js";
