// A run's epochs as a table, one row each: what the events said, and nothing else.

import { el } from "../dom.js";
import { missing, percent, plain } from "../format.js";
import { asked } from "./asked.js";

const columns = [
  { key: "epoch", title: "epoch" },
  {
    key: "error", title: "error", print: (n) => plain(n, 4),
    why: "The mean error of the training images, each taken when it was shown, before the network "
      + "learned from it.",
  },
  {
    key: "testError", title: "test error", print: (n) => plain(n, 4),
    why: "The mean error of the test images, once the epoch was over.",
  },
  {
    key: "accuracy", title: "right", print: percent,
    why: "The share of the training images that were read rightly when they were shown.",
  },
  {
    key: "testAccuracy", title: "right in the test", print: percent,
    why: "The share of the test images that were read rightly, once the epoch was over.",
  },
  { key: "seconds", title: "seconds", print: plain, why: "How long the epoch took." },
];

/**
 * The table, whose headings say where the numbers under them come from. A cell is `<td
 * data-field="testError" data-value="0.0123">`, a row `<tr data-epoch="3">`.
 *
 * @param {Object} ctx the page's
 * @returns {{element: HTMLElement, set: (epochs: Object[], shown: number) => void}} `shown` is the
 *   epoch whose row is marked
 */
export function historyTable(ctx) {
  const body = el("tbody");
  const table = el("table", { class: "data", "data-grid": "history" },
    el("caption", {}, "Epoch by epoch"),
    el("thead", {}, el("tr", {}, columns.map(({ title, why }) =>
      el("th", { scope: "col", abbr: title }, why ? asked(el("span", {}, title), title, () => why) : title)))),
    body);
  const element = el("div", {
    class: "scroll is-tall", role: "region", tabindex: "0", "aria-label": "Table of the epochs",
  }, table);

  function makeRow(number) {
    return el("tr", { "data-epoch": number },
      el("th", { scope: "row" }, number),
      columns.slice(1).map(({ key }) => el("td", { "data-field": key }, missing)));
  }

  function fill(row, epoch) {
    for (const { key, print } of columns.slice(1)) {
      const cell = row.querySelector(`[data-field="${key}"]`);
      cell.textContent = print(epoch[key]);
      cell.dataset.value = epoch[key];
    }
  }

  ctx.register(() => {
    for (const cell of body.querySelectorAll("td")) {
      cell.textContent = missing;
      delete cell.dataset.value;
    }
  });

  return {
    element,
    set(epochs, shown) {
      const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 8;
      while (body.rows.length > epochs.length) body.lastElementChild.remove();
      epochs.forEach((epoch, n) => {
        if (!body.rows[n]) body.append(makeRow(epoch.epoch));
        fill(body.rows[n], epoch);
        body.rows[n].classList.toggle("is-current", epoch.epoch === shown);
      });
      // The newest stays in sight, unless somebody has scrolled back to look at an older one.
      if (isAtEnd) element.scrollTop = element.scrollHeight;
    },
  };
}
