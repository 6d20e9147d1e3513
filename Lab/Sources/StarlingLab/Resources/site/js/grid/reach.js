// Keys and pointers in a grid. One of its cells is reached with Tab, the others from it with the
// arrow keys, so that a matrix is one stop on the way through the page.

/**
 * Makes a table's cells reachable.
 *
 * - Arrow keys go from cell to cell, in a field when the caret is at its end; Home and End to the
 *   row's ends, with Ctrl to the matrix's.
 * - A cell that is pressed, dragged over or reached with an arrow key is picked.
 * - Enter picks, and asks; so does a click where cells are no fields, and where they can be picked
 *   a second click on the same.
 *
 * @param {{table: HTMLTableElement, isEditable: boolean, hasAnswer: boolean,
 *   onPick?: (row: number, column: number) => void, ask: (row: number, column: number) => void}}
 *   options
 * @returns {{renew: (cells: HTMLElement[][]) => void,
 *   follow: (target: [number, number]|undefined, isMarked: boolean) => void}} `renew` when the
 *   table has other cells, `follow` when the page has marked some: Tab then reaches the target
 */
export function reach({ table, isEditable, hasAnswer, onPick, ask }) {
  let cells = [];
  let here = [0, 0];
  let picked;
  let isPressedAgain = false;

  table.addEventListener("keydown", onKey);
  table.addEventListener("pointerdown", onPress);
  table.addEventListener("click", onClick);
  table.addEventListener("focusin", onFocus);
  // A field's number is selected when it is reached: dragging moves the window, not that text.
  table.addEventListener("dragstart", (event) => event.preventDefault());

  function renew(newCells) {
    cells = newCells;
    picked = undefined;
    rove(0, 0);
  }

  function follow(target, isMarked) {
    if (!isMarked) picked = undefined;
    const isHere = target && cells[target[0]]?.[target[1]];
    if (isHere && !table.contains(document.activeElement)) rove(...target);
  }

  function rove(row, column) {
    for (const cell of cells.flat()) (cell.firstElementChild ?? cell).tabIndex = -1;
    here = [row, column];
    const cell = cells[row][column];
    (cell.firstElementChild ?? cell).tabIndex = 0;
  }

  function go(row, column) {
    const [r, c] = [clamp(row, cells.length), clamp(column, cells[0].length)];
    const cell = cells[r][c];
    (cell.firstElementChild ?? cell).focus();
    pick(r, c);
  }

  function pick(row, column) {
    picked = [row, column];
    onPick?.(row, column);
  }

  function onFocus(event) {
    const at = position(event.target);
    if (!at) return;
    rove(...at);
    if (isEditable) event.target.select();
  }

  function onKey(event) {
    if (event.altKey || event.metaKey) return;
    const [row, column] = here;
    const field = cells[row][column].firstElementChild;
    const isAtStart = !field || field.selectionStart === 0;
    const isAtEnd = !field || field.selectionEnd === field.value.length;
    const next = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: isAtStart && [row, column - 1],
      ArrowRight: isAtEnd && [row, column + 1],
      Home: !field && [event.ctrlKey ? 0 : row, 0],
      End: !field && [event.ctrlKey ? cells.length : row, cells[0].length],
    }[event.key];
    const isEnter = event.key === "Enter" || (event.key === " " && !field);
    if (!next && !isEnter) return;
    event.preventDefault();
    if (next) return go(...next);
    if (hasAnswer || !field) pick(row, column);
    if (hasAnswer) ask(row, column);
    else if (field) go(row + 1, column);
  }

  function onPress(event) {
    const at = position(event.target);
    if (!at || event.button !== 0) return;
    rove(...at);
    isPressedAgain = isSame(picked, at);
    pick(...at);
    if (onPick && event.pointerType !== "touch") drag(at);
  }

  function drag(from) {
    let last = from;
    const ended = new AbortController();
    const until = { signal: ended.signal };
    document.addEventListener("pointermove", (event) => {
      const over = position(document.elementFromPoint(event.clientX, event.clientY));
      if (!over || isSame(last, over)) return;
      last = over;
      pick(...over);
    }, until);
    document.addEventListener("pointerup", () => ended.abort(), until);
    document.addEventListener("pointercancel", () => ended.abort(), until);
  }

  function onClick(event) {
    const at = position(event.target);
    if (at && !isEditable && (!onPick || isPressedAgain)) ask(...at);
  }

  function position(node) {
    const cell = node?.closest?.("td");
    if (!cell || !table.contains(cell)) return undefined;
    return [Number(cell.dataset.row), Number(cell.dataset.column)];
  }

  return { renew, follow };
}

function isSame(one, other) {
  return one?.[0] === other[0] && one[1] === other[1];
}

function clamp(n, count) {
  return Math.min(count - 1, Math.max(0, n));
}
