// A volume as grids beside each other, one a channel.

import { el } from "../dom.js";
import { scaleOf } from "./colour.js";
import { grid, written } from "./matrix.js";

/**
 * A volume: one grid a channel. As `grid`, but
 *
 * - `set`, `value` and `onEdit` have volumes (`set` shares the volume's scale unless it is given
 *   one);
 * - `onPick` and `why` have (channel, row, column);
 * - `mark` has `{channel, cells, window, target}`, or an array of such; channels not named have no
 *   marks;
 * - `label` may be a function of the channel, for each grid's caption. By default the captions are
 *   `X[0]`, `X[1]`, …, or `K[j, 0]`, … if there is a `kernel`;
 * - `channels` is how many there are before the first `set`; 1 if left out.
 *
 * @param {Object} options as for `grid`
 */
export function stack(options) {
  const { name, kernel, label, channels = 1, onEdit, onPick, why } = options;
  const element = el("div", { class: "stack" });
  let grids = [];

  shape(channels);

  function shape(depth) {
    while (grids.length > depth) grids.pop().element.remove();
    while (grids.length < depth) {
      const made = make(grids.length);
      grids.push(made);
      element.append(made.element);
    }
  }

  function make(channel) {
    const title = `${written(name)}[${kernel === undefined ? "" : `${kernel}, `}${channel}]`;
    return grid({
      ...options, channel, title,
      label: typeof label === "function" ? label(channel) : title,
      onEdit: onEdit && (() => onEdit(value())),
      onPick: onPick && ((row, column) => onPick(channel, row, column)),
      why: why && ((row, column) => why(channel, row, column)),
    });
  }

  function set(volume, settings = {}) {
    shape(volume.length);
    const scale = settings.scale ?? scaleOf(volume);
    grids.forEach((each, channel) => each.set(volume[channel], { ...settings, scale }));
  }

  function mark(marks = []) {
    const all = [marks].flat();
    grids.forEach((each, channel) => each.mark(all.find((m) => (m.channel ?? 0) === channel)));
  }

  function value() {
    return grids.map((each) => each.value());
  }

  return { element, set, mark, value, clear: () => grids.forEach((each) => each.clear()) };
}
