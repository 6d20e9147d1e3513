// Page 7: what a network needs besides the layer. Each of the three has its own file in js/cast.

import { el } from "../dom.js";
import { crossEntropy } from "../cast/cross-entropy.js";
import { reshape } from "../cast/reshape.js";
import { sigmoid } from "../cast/sigmoid.js";
import { titles } from "../titles.js";

function mount(ctx) {
  ctx.main.append(
    el("p", {}, "The convolutional layer is the star; three small parts make a network of it. "
      + "Reshape lays its maps out as a column. The sigmoid squashes numbers into 0…1. Binary "
      + "cross-entropy says how wrong the answer is, and where to go from there."),
    reshape(ctx),
    sigmoid(ctx),
    crossEntropy(ctx));
}

export default {
  title: titles[6],
  slide: "Slides 11 and 12: Putting it all together · The supporting cast",
  question: "What do the three parts around the layer do, forward and backward?",
  mount,
};
