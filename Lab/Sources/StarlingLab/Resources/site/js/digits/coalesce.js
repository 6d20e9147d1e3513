// Questions that events raise faster than they can be answered.

/**
 * Of many calls, as few as will do: while one is under way, further ones are one more when it is
 * done. So the last state is always asked for, and never two at a time.
 *
 * @param {() => Promise<any>} work
 * @returns {() => void}
 */
export function coalesce(work) {
  let isBusy = false;
  let isWanted = false;
  return async function call() {
    if (isBusy) {
      isWanted = true;
      return;
    }
    isBusy = true;
    do {
      isWanted = false;
      await work();
    } while (isWanted);
    isBusy = false;
  };
}
