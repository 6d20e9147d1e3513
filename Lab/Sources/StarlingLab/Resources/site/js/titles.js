// The ten pages in the deck's order.

/** The title of page n is `titles[n - 1]`. */
export const titles = [
  "Cross-correlation and convolution",
  "The anatomy of a layer",
  "Forward, line by line",
  "Dense is a special case",
  "Backward: kernels and biases",
  "Backward: the input",
  "The supporting cast",
  "The network",
  "Learning",
  "Prediction",
];
