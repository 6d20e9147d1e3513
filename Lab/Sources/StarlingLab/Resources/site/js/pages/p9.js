// Page 9: learning, live. The engine trains, its events come here as they happen, and one mistake
// can be planted to see who notices.

import { get, patience, post } from "../api.js";
import { checkList } from "../digits/checks.js";
import { chooser } from "../digits/chooser.js";
import { coalesce } from "../digits/coalesce.js";
import { depth } from "../digits/deck.js";
import { features } from "../digits/features.js";
import { historyTable } from "../digits/history.js";
import { maps } from "../digits/layers.js";
import { mistakeList } from "../digits/mistakes.js";
import { runner } from "../digits/runner.js";
import { sampleView } from "../digits/sample.js";
import { scores } from "../digits/scores.js";
import { settings as settingsOf } from "../digits/settings.js";
import { stateWords } from "../digits/stream.js";
import { el } from "../dom.js";
import { count, missing, percent, plain } from "../format.js";
import { grid, image, scaleOf } from "../grid.js";
import {
  ask, button, chart, deckSays, equation, note, output, row, section, slider,
} from "../parts.js";
import * as state from "../state.js";
import { titles } from "../titles.js";

/** Events come faster than eyes and screens: so many milliseconds go by between two pictures. */
const frame = 60;

const schema = { run: state.text(""), shown: state.integer(0, 0, 100) };

const said = {
  lost: "The connection to the training is lost; trying to get it back.",
  back: "The connection is back; no epoch was missed.",
  gone: "That run is gone: runs are forgotten two minutes after the last look at them. Its "
    + "settings are still in the address, and Start makes it again, number for number.",
};

export default {
  title: titles[8],
  slide: "Slide 14: The payoff, watching the network learn",
  question: "The error falls. Does that show that the gradients are right?",
  mount,
};

function mount(ctx) {
  const at = ctx.read(schema);
  const write = () => ctx.write(schema, at);
  const settings = settingsOf(ctx);
  let digit;
  let isDrawing = false;

  // What is seen of the run.

  const status = el("p", { class: "status" });
  const reader = el("a", {}, "Have its network read what you draw, on page 10");
  const onward = el("p", { class: "status", hidden: true }, reader);
  const message = el("p", {
    class: "status", role: "alert", "data-connection": "lost", hidden: true,
  });
  const connection = el("p", { class: "status", role: "status" });
  const line = el("output", {
    class: "deck-line", "data-value-of": "line", "aria-live": "off",
  }, missing);
  const errors = chart({
    label: "Error by epoch, on a logarithmic scale", xLabel: "epoch", yLabel: "error",
    isXWhole: true, isYLogarithmic: true,
  });
  const table = historyTable(ctx);
  const sample = sampleView(ctx);
  const kernels = Array.from({ length: depth }, (_, j) => grid({
    name: "K", kernel: j, title: `K[${j}, 0]`, rows: 3, columns: 3, hasIndices: false,
    why: () => "It was drawn at random, by the seed. After each image, the learning rate times its "
      + "gradient was taken off it."
      + (live.run?.settings?.mistake === "none" ? ""
        : " A mistake is planted in this run, and so its gradient may be wrong."),
  }));
  const shown = slider({
    label: "Kernels after epoch", min: 1, max: 1, value: 1,
    onInput(value) {
      at.shown = value === live.history.length ? 0 : value;
      write();
      draw();
    },
  });
  const picture = image({ name: "X", label: "the digit", size: 104 });
  const mapsOfDigit = features(picture);
  const scoresOfDigit = scores(ctx);
  const seenBy = el("span", {}, "the network before training");
  const first = output("firstError", (n) => plain(n, 4));
  const last = output("lastError", (n) => plain(n, 4));
  const right = output("testAccuracy", percent);
  const checks = checkList();
  const verdict = el("p", { class: "verdict" }, missing);
  const wrong = mistakeList();
  const wrongPlace = el("div", { hidden: true }, wrong.element);

  const live = runner(ctx, {
    change: draw,
    begin(isFound) {
      if (isFound) settings.set(live.run.settings);
      if (at.run !== live.run.id) at.shown = 0;
      at.run = live.run.id;
      write();
      clearRun();
      table.set([], 0);
      connection.textContent = "";
    },
    news() {
      const epoch = live.history.at(-1);
      const words = [`The run ${stateWords[live.run.state]}.`, live.run.message];
      if (epoch) {
        words.push(`Error ${plain(epoch.error, 4)}.`,
          `${percent(epoch.testAccuracy)} of the test images right.`);
      }
      ctx.announce(words.join(" "));
    },
    sample(taken) {
      sample.set(taken);
      ctx.announce(`One sample, a ${taken.label}: error ${plain(taken.error, 4)}`);
    },
    gone(last) {
      // Whatever has been typed for the next run since, Start makes this one again.
      if (last) settings.set(last);
      at.run = "";
      write();
      clearRun();
      table.set([], 0);
      connect("");
      connection.textContent = said.gone;
      enable();
      see();
    },
    connection: connect,
  });

  function connect(how) {
    connection.dataset.connection = how;
    connection.textContent = said[how] ?? "";
    if (said[how]) ctx.announce(said[how]);
  }

  // What can be done.

  const buttons = {
    Start: button({ label: "Start", isMain: true, onClick: start }),
    Pause: button({ label: "Pause", onClick: () => live.tell("pause") }),
    Resume: button({ label: "Resume", onClick: () => live.tell("resume") }),
    "One sample": button({ label: "One sample", onClick: () => live.step() }),
    Stop: button({ label: "Stop", onClick: () => live.tell("stop") }),
  };

  function enable() {
    const runState = live.run?.state;
    const can = {
      Start: !live.isAlive || live.isDoubted,
      Pause: runState === "running",
      Resume: runState === "paused",
      "One sample": runState === "paused",
      Stop: live.isAlive,
    };
    for (const [name, part] of Object.entries(buttons)) part.set({ isDisabled: !can[name] });
  }

  function start() {
    const next = settings.value();
    if (next) live.start(next);
  }

  /** Ends the run that is under way, if there is one, and starts the next. */
  async function restart() {
    if (!live.isAlive || await live.tell("stop")) start();
  }

  // From the run to the page.

  function draw() {
    if (isDrawing) return;
    isDrawing = true;
    ctx.busy(async () => {
      await new Promise((go) => setTimeout(go, frame));
      isDrawing = false;
      if (!ctx.signal.aborted && live.run?.settings && !live.isDoubted) paint();
    });
  }

  function paint() {
    const { run, history } = live;
    const epoch = at.shown > 0 && at.shown < history.length ? at.shown : history.length;
    describe(run, history.length);
    enable();
    if (history.length > 0) paintHistory(history, epoch);
    table.set(history, epoch);
    shown.input.max = Math.max(1, history.length);
    shown.set(Math.max(1, epoch));
    see();
    test();
    if (run.state !== "running") misread();
  }

  function describe(run, epochs) {
    const { id, state: runState, settings: chosen, imagesSeen, trainImages, message: words } = run;
    const computed = (text) => el("span", { class: "figure", "data-computed": true }, text);
    const { learningRate, seed, images, mistake } = chosen;
    status.dataset.run = runState;
    status.replaceChildren(...[
      el("strong", {}, "Run ", el("code", {}, id), ` ${stateWords[runState]}.`),
      " Epochs: ", computed(count(epochs)), ` of ${count(chosen.epochs)}`,
      live.isAlive ? ["; images of the next: ", computed(count(imagesSeen)), " of ",
        computed(count(trainImages))] : "",
      `. Learning rate ${plain(learningRate)}, seed ${seed}, ${count(images)} images of each digit`,
      mistake === "none" ? "." : `, one mistake: ${settings.title(mistake)}.`].flat());
    reader.href = `/10?${new URLSearchParams({ network: "run", run: id })}`;
    onward.hidden = false;
    message.hidden = words === "";
    if (message.textContent !== words) message.textContent = words;
  }

  function paintHistory(history, epoch) {
    const latest = history.at(-1);
    const { epochs } = live.run.settings;
    line.textContent = `epoch ${latest.epoch}/${epochs}    error=${plain(latest.error, 4)}`;
    line.dataset.value = latest.error;
    const points = (key) => history.map((each) => [each.epoch, each[key]]);
    errors.set([
      { name: "training", points: points("error"), color: "accent" },
      { name: "test", points: points("testError"), color: "X", isDashed: true },
    ]);
    first.set(history[0].error);
    last.set(latest.error);
    right.set(latest.testAccuracy);
    // One scale for all epochs: then it is the kernels that change, and not their colours' meaning.
    const scale = scaleOf(history.map((each) => each.kernels));
    kernels.forEach((each, j) => each.set(history[epoch - 1].kernels[j][0], { scale }));
  }

  /** The chosen digit's maps, by the network as it is now. */
  const see = coalesce(async () => {
    if (!digit) return;
    const { set, part, class: name, index } = digit;
    const who = live.run?.id;
    await ctx.computed(() => post("/api/activations", {
      digit: { set, part, class: name, index }, run: who ?? "untrained",
    }, patience), (found) => {
      seenBy.textContent = seer(who);
      picture.set(found.pixels);
      mapsOfDigit.set(maps(found.layers[1]));
      scoresOfDigit.set(found.scores);
    }, { key: "activations" });
  });

  /** Which network has seen the digit: of an epoch that failed, nothing is kept. */
  function seer(who) {
    if (!who) return "the network before training";
    if (live.run?.state !== "failed") return "the run’s network as it is now";
    return live.history.length === 0 ? "the run’s network as it was before its first image"
      : `the run’s network as it was after epoch ${live.history.length}`;
  }

  /** What of the run is asked for anew whenever it has changed; of a run that is left, no more. */
  const asked = (rest, key, render) => coalesce(async () => {
    if (!live.run) return;
    const { id } = live.run;
    await ctx.computed(
      () => (id === live.run?.id
        ? get(`/api/runs/${encodeURIComponent(id)}/${rest}`, patience) : undefined),
      (found) => id === live.run?.id && render(found), { key });
  });

  /** The checks of its gradients. */
  const test = asked("checks", "checks", (found) => {
    checks.set(found.checks);
    const failed = found.checks.filter(({ result }) => result === "fail").map(
      ({ layer, parameter }) => `${layer}, ${parameter}`);
    verdict.textContent = failed.length === 0
      ? "No gradient disagrees with its finite difference."
      : `Wrong, say the finite differences: ${failed.join("; ")}.`;
  });

  /** The test images that it misreads. */
  const misread = asked("mistakes?limit=24", "mistakes", (found) => {
    wrongPlace.hidden = false;
    wrong.set(found);
  });

  function clearRun() {
    line.textContent = missing;
    delete line.dataset.value;
    status.replaceChildren();
    delete status.dataset.run;
    onward.hidden = true;
    message.hidden = true;
    for (const part of [errors, first, last, right, checks, sample, ...kernels]) part.clear();
    verdict.textContent = missing;
    wrongPlace.hidden = true;
  }

  ctx.register(() => {
    clearRun();
    enable();
  });

  const digits = chooser(ctx, {
    onDigit(chosen) {
      digit = chosen;
      see();
    },
  });

  ctx.main.append(
    ask({
      id: "falling",
      text: "Plant a mistake: the kernels’ gradient, turned by 180°. What will the error do in "
        + "training?",
      choices: [
        "Rise, or stay where it was", "Fall, but end far higher",
        "Fall, much as it does without the mistake",
      ],
      answer: 2,
      because: "The dense layers learn from whatever features they are given, even random ones. "
        + "A falling error proves nothing about a gradient; its finite difference does.",
    }),
    section("A run",
      el("p", {}, "The deck’s own settings to begin with. The engine learns in the program that ",
        "sent this page, and every number here is one that it said."),
      settings.element,
      row(...Object.values(buttons).map(({ element }) => element)),
      status, message, connection, onward, el("p", {}, line),
      sample.element, errors.element, table.element),
    section("What it has learned",
      el("p", {}, "The five kernels, all on one scale, and what they make of a digit after the ",
        "sigmoid."),
      row(shown.element), equation(...kernels.map(({ element }) => element)),
      digits.element, el("p", {}, "As seen by ", seenBy, ":"),
      mapsOfDigit.element, scoresOfDigit.element),
    section("Break it",
      el("p", {}, "Choose one mistake, of a kind that is really made, and start again. It is ",
        "planted in the gradients and nowhere else: what the network answers is computed as ever."),
      el("div", { class: "two" },
        el("div", {}, settings.mistakes,
          row(button({ label: "Start with this", onClick: restart }).element)),
        el("div", {}, el("h3", {}, "What the error says"),
          el("p", {}, "From ", first.element, " in the first epoch to ", last.element,
            " in the last; ", right.element, " of the test images are read rightly."),
          el("h3", {}, "What finite differences say"), verdict, checks.element,
          note("A tensor here has up to 338,000 numbers, too many to be moved one by one. All are ",
            "moved at once, each up or down by chance, along five such directions; how far the ",
            "error’s change is from what the gradient says, over the gradient’s length, is the ",
            "relative error. In Float, which the engine computes in, 10⁻³ is as near as that ",
            "comes; pages 5 to 7 compute in Double.")))),
    section("Its mistakes in the test", wrongPlace,
      note("Shown when a run pauses or ends, the surest mistakes first.")),
    deckSays("epoch 1/20 error=0.251 … epoch 20/20 error=0.012.",
      "That is one run. Another seed, order or start gives other figures. And with cross-entropy’s "
        + "gradient as printed, without the 1/m, 3 of 6 seeds of the deck’s program ended at 50 % "
        + "accuracy; with it, all six reached 98.5 % or more."),
  );

  enable();
  // Whoever has turned the page and comes back finds the run that he left.
  at.run ||= live.recent();
  if (at.run) live.open(at.run);

  return () => {
    live.leave();
  };
}
