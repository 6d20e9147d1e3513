// A few numbers one below the other, as the parts of page 7 take and give them.

import { grid } from "../grid.js";

/**
 * A grid of one column. As `grid`, but `set` and `onEdit` have a list of numbers, and `why` has the
 * number's index.
 * @param {Object} options as for `grid`
 */
export function column({ onEdit, why, hasIndices = false, ...options }) {
  const made = grid({
    ...options,
    hasIndices,
    onEdit: onEdit && ((rows) => onEdit(rows.flat())),
    why,
  });
  return { ...made, set: (numbers, settings) => made.set(numbers.map((n) => [n]), settings) };
}
