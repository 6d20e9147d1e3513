// One question a page, before the answer: a guess makes the eye look for what it did not expect.

import { clear, el, id as unique } from "../dom.js";
import { current, flush, put } from "../state.js";

/**
 * The question. After one guess, or "Show me", it says what is right and why. The guess is kept in
 * the query, as `asked`.
 *
 * @param {{id: string, text: string|Node, choices: (string|Node)[], answer: number, because:
 *   string|Node, reveals?: HTMLElement[], onAnswer?: (guess: number|undefined) => void}} options
 *   `reveals`: elements that are hidden until the question is answered; `onAnswer` is called then,
 *   with the guess or undefined for "Show me", and at once (before `ask` returns) if the query says
 *   that it was answered
 * @returns {HTMLElement}
 */
export function ask({ id, text, choices, answer, because, reveals = [], onAnswer }) {
  const textId = unique("question");
  const buttons = choices.map((choice, index) =>
    el("button", { type: "button", class: "guess", on: { click: () => guess(index) } }, choice));
  const show = el("button", {
    type: "button", class: "quiet", on: { click: () => guess() },
  }, "Show me");
  const verdict = el("div", { class: "because", hidden: true, tabindex: "-1" });
  const element = el("section", { class: "ask", "data-question": id, "aria-labelledby": textId },
    el("h2", { class: "ask-name" }, "Before you look"),
    el("p", { id: textId, class: "ask-text" }, text),
    el("div", { class: "guesses", role: "group", "aria-labelledby": textId }, buttons, show),
    verdict);

  let isSettled = false;

  for (const node of reveals) node.hidden = true;
  const [askedId, asked] = (current().get("asked") ?? "").split(":");
  if (askedId === id && asked in { ...choices, shown: "" }) {
    settle(asked === "shown" ? undefined : Number(asked));
  }

  function guess(index) {
    if (isSettled) return;
    const query = current();
    query.set("asked", `${id}:${index ?? "shown"}`);
    put(query);
    flush();
    settle(index);
    // The focus reads it out.
    verdict.focus({ preventScroll: true });
  }

  function settle(index) {
    isSettled = true;
    buttons.forEach((button, each) => {
      button.classList.toggle("is-right", each === answer);
      button.classList.toggle("is-wrong", each === index && each !== answer);
      button.setAttribute("aria-pressed", String(each === index));
      button.setAttribute("aria-disabled", "true");
      // The border tells it to the eye alone.
      const told = [each === answer && "right", each === index && "your guess"].filter(Boolean);
      if (told.length > 0) button.append(el("span", { class: "unseen" }, `: ${told.join(", ")}`));
    });
    show.hidden = true;
    const word = index === undefined ? "" : index === answer ? "Yes. " : "Not quite. ";
    const reasons = because instanceof Node ? ["", because] : [because];
    clear(verdict).append(el("p", {}, el("strong", {}, word), reasons[0]), ...reasons.slice(1));
    verdict.hidden = false;
    for (const node of reveals) node.hidden = false;
    onAnswer?.(index);
  }

  return element;
}
