// Page 10: prediction. Somebody draws; the network says 0 or 1, whatever it was.

import { get, latest, patience } from "../api.js";
import { chooser } from "../digits/chooser.js";
import * as ink from "../digits/ink.js";
import { mistakeList } from "../digits/mistakes.js";
import { paper } from "../digits/paper.js";
import { canvasOf, ofCanvas, ofFile } from "../digits/png.js";
import { reading } from "../digits/reading.js";
import { el, id } from "../dom.js";
import { percent } from "../format.js";
import { ask, button, choice, deckSays, note, row, section } from "../parts.js";
import * as state from "../state.js";
import { titles } from "../titles.js";

/** How far a drawing is moved at a time, in pixels. */
const stride = 20;

/**
 * More bytes than this make a request that the server does not take, once they are written as
 * base64.
 */
const largestFile = 1.5e6;

/** More letters than this make an address that is not taken everywhere. */
const longestDrawing = 4000;

const schema = {
  ink: { default: [], parse: ink.parse, print: ink.print },
  paper: state.choice("white", "black"),
  from: state.choice("drawing", "digit", "mistake"),
  mistake: state.integer(0, 0, 100000),
  network: state.choice("trained", "untrained", "run"),
  run: state.text(""),
};

export default {
  title: titles[9],
  slide: "Slide 14: The payoff, prediction and confidence",
  question: "What does a network that knows only 0 and 1 say of anything else?",
  mount,
};

function mount(ctx) {
  const at = ctx.read(schema);
  if (at.network === "run" && !at.run) at.network = "trained";
  const who = () => (at.network === "run" ? at.run : at.network);

  /** What is to be read, as a function that writes it for the server; undefined if nothing is. */
  let picture;

  // An answer to an older question, or to one that the paper no longer asks, is not shown.
  let question = 0;

  // The paper

  const sheet = paper({
    strokes: at.ink, isDarkOnLight: at.paper === "white",
    onBegin() {
      takeOver();
      if (at.from === "drawing" && picture !== uploaded) return;
      // On a chosen or uploaded picture nobody goes on drawing: a clean sheet.
      draw([]);
    },
    onStroke: draw,
  });

  /** The strokes that the sheet has now. */
  function drawn() {
    return { png: ofCanvas(sheet.canvas) };
  }

  let file;
  /** The file that was uploaded. */
  function uploaded() {
    return { png: file };
  }

  let uploads = 0;

  /** Something new is to be read: a file or a digit that has not come yet must not replace it. */
  function takeOver() {
    uploads += 1;
    stranger.textContent = "";
    digits.drop();
  }

  function draw(strokes) {
    takeOver();
    at.from = "drawing";
    at.ink = strokes;
    sheet.set({ strokes });
    picture = drawn;
    remember();
    if (strokes.length > 0) predict();
    else nothing("Draw a 0 or a 1.");
  }

  function remember() {
    const isLong = ink.print(at.ink).length > longestDrawing;
    ctx.write(schema, {
      ...at, ink: isLong ? [] : at.ink, mistake: at.from === "mistake" ? at.mistake : 0,
    });
    tooLong.hidden = !isLong;
    const isInk = picture === drawn && at.ink.length > 0;
    for (const part of [undo, ...moves]) part.set({ isDisabled: !isInk });
  }

  function nothing(text) {
    question += 1;
    answer.clear();
    say.textContent = text;
  }

  function move(right, down) {
    const there = ink.moved(at.ink, right, down);
    if (there) draw(there);
    else {
      answer.remark("There is no more room on that side.");
    }
  }

  async function upload(chosen) {
    if (!chosen) return;
    takeOver();
    const turn = uploads;
    const isLate = () => turn !== uploads || ctx.signal.aborted;
    if (chosen.size > largestFile) {
      nothing(`${chosen.name} is larger than 1.5 MB: choose a smaller picture.`);
      return;
    }
    let bytes;
    let bitmap;
    try {
      // What no browser can show the server may name better.
      const shown = createImageBitmap(chosen).catch(() => undefined);
      [bytes, bitmap] = await Promise.all([ofFile(chosen), shown]);
    } catch {
      if (!isLate()) nothing(`${chosen.name} could not be read.`);
      return;
    }
    if (isLate()) return;
    file = bytes;
    picture = uploaded;
    at.from = "drawing";
    at.ink = [];
    sheet.set({ strokes: [] });
    if (bitmap) sheet.showPicture(bitmap);
    remember();
    predict();
  }

  function exhibit(pixels) {
    takeOver();
    at.ink = [];
    sheet.set({ strokes: [] });
    sheet.showPicture(canvasOf(pixels));
    // An image of a set is seen as it is: prepared as a drawing, it might be moved by a pixel.
    picture = () => ({ pixels });
    remember();
    predict();
  }

  // The answer

  const answer = reading(ctx);
  const prepared = el("p", { class: "status" },
    "Before the network sees it, a drawing is cut out, scaled ",
    "into 20×20 and centred by its mass, as MNIST’s digits were: its place on the paper ",
    "does not matter.");
  const say = el("p", { class: "status", role: "status" }, "Draw a 0 or a 1.");

  function predict() {
    if (!picture) picture = drawn;
    question += 1;
    const asked = question;
    return ctx.computed(async () => {
      try {
        // The first question to the trained network waits until it has been trained.
        const body = { ...picture(), run: who() };
        return await latest("predict", "/api/predict", body, patience);
      } catch (error) {
        // A picture that shows nothing is no failure: there is only nothing to say of it.
        if (error.status === 422) return { refusal: error.message };
        throw error;
      }
    }, (found) => {
      if (asked !== question) return;
      if (found.refusal) {
        nothing(found.refusal);
        ctx.announce(found.refusal);
        return;
      }
      answer.set(found);
      prepared.hidden = found.polarity === "asGiven";
      say.textContent = "";
      ctx.announce(`Prediction: ${found.label}, confidence ${percent(found.confidence)}.`);
    }, { key: "predict" });
  }

  // The controls

  const undo = button({ label: "Undo", onClick: () => draw(at.ink.slice(0, -1)) });
  const moves = [
    ["←", "left", -stride, 0], ["↑", "up", 0, -stride], ["↓", "down", 0, stride],
    ["→", "right", stride, 0],
  ].map(([arrow, name, right, down]) => button({
    label: arrow, name: `Move ${name} by ${stride} pixels`, onClick: () => move(right, down),
  }));
  const tooLong = note("This drawing is too long for the address: a link will not bring it back.");
  tooLong.hidden = true;
  const ground = choice({
    label: "Paper", value: at.paper,
    options: [
      { value: "white", label: "black on white" }, { value: "black", label: "white on black" },
    ],
    onInput(value) {
      at.paper = value;
      sheet.set({ isDarkOnLight: value === "white" });
      if (picture !== undefined && picture !== drawn) draw([]);
      else draw(at.ink);
    },
  });
  const network = choice({
    label: "Network", value: at.network,
    options: [
      { value: "trained", label: "trained as in the deck" },
      { value: "untrained", label: "untrained" },
      ...(at.run ? [{ value: "run", label: `run ${at.run} of page 9` }] : []),
    ],
    onInput(value) {
      at.network = value;
      remember();
      answer.clear();
      wrong.clear();
      misread();
      if (picture !== undefined && (picture !== drawn || at.ink.length > 0)) predict();
    },
  });
  const example = (name, strokes) => button({ label: name, onClick: () => draw(strokes) }).element;
  const fileId = id("file");
  const picker = el("input", {
    type: "file", accept: "image/png", id: fileId,
    on: {
      // The same file can be chosen again: after Clear, or once it has been edited.
      click: () => { picker.value = ""; },
      change: () => upload(picker.files[0]),
    },
  });
  const digits = chooser(ctx, {
    isQuiet: at.from !== "digit",
    onDigit(chosen) {
      at.from = "digit";
      exhibit(chosen.pixels);
      stranger.textContent = chosen.class > 1
        ? `This network has never seen a ${chosen.class}. It can say nothing but 0 or 1.` : "";
    },
  });
  const stranger = note();

  // The test's mistakes

  const wrong = mistakeList({
    onPick(mistake) {
      reread(mistake);
      sheet.canvas.scrollIntoView({ block: "center" });
    },
  });
  const misread = () => {
    const network = who();
    return ctx.computed(
      () => get(`/api/runs/${encodeURIComponent(network)}/mistakes?limit=24`, patience),
      // Of the network that has been chosen meanwhile, they are not.
      (found) => {
        if (network !== who()) return;
        wrong.set(found);
        if (at.from === "mistake" && picture === undefined) restore(found.mistakes);
      }, { key: "mistakes" });
  };

  function reread({ index, pixels }) {
    Object.assign(at, { from: "mistake", mistake: index });
    exhibit(pixels);
  }

  /** The mistake that the address names, if this network still makes it. */
  function restore(mistakes) {
    const mistake = mistakes.find(({ index }) => index === at.mistake);
    if (mistake) reread(mistake);
    else nothing(`Test image ${at.mistake} is none of the mistakes that this network makes here.`);
  }

  ctx.main.append(
    ask({
      id: "seven",
      text: "You draw a 7. What does a network say that has only ever seen 0 and 1?",
      choices: [
        "That it does not know", "0 or 1, with a low score for both",
        "0 or 1, and perhaps with a high score",
      ],
      answer: 2,
      because: "It has two outputs and no third for “neither”. Each is a score of its own, and "
        + "nothing has taught them to be low for what is no digit at all.",
    }),
    section("Draw",
      row(network.element, ground.element),
      el("div", { class: "two" },
        el("div", {}, sheet.element,
          row(button({ label: "Predict", isMain: true, onClick: predict }).element,
            button({ label: "Clear", onClick: () => draw([]) }).element, undo.element),
          tooLong,
          el("p", { class: "status" }, "Or begin with one of these:"),
          row(example("A ring", ink.examples.ring), example("A stroke", ink.examples.stroke),
            example("A small ring in the corner", ink.examples.corner),
            example("A seven", ink.examples.seven), example("Nothing", [])),
          el("p", { class: "status" }, "Move the drawing:"),
          row(...moves.map(({ element }) => element))),
        el("div", {}, answer.seen, say,
          el("p", {}, "Prediction: ", el("strong", { class: "answer" }, answer.label),
            ", confidence ", answer.confidence),
          answer.list,
          note("A score and not a probability: the two outputs know nothing of each other. Here ",
            "they add up to ", answer.sum, "."),
          el("p", { class: "status" }, "The drawing was ", answer.polarity, "."),
          prepared,
          answer.same))),
    section("Or choose a picture",
      row(el("div", { class: "field" }, el("label", { for: fileId }, "A PNG of yours"), picker)),
      note("It goes to the program on this machine, and nowhere else. It is not in the address."),
      digits.element, stranger,
      row(button({ label: "Read this digit", onClick: () => digits.choose({}) }).element)),
    section("What the five kernels make of it", answer.maps),
    section("Its mistakes in the test",
      el("p", {}, "Every test image was read once by the network chosen above. The mistakes come ",
        "first, the surest ahead; press one to look at it."),
      wrong.element),
    deckSays("“Prediction: 0, Confidence: 99.9%”.",
      "The two outputs are sigmoids, each by itself. On test images they add up to anything from "
        + "0.34 to 1.57, so that neither is a probability. A network may be sure, and wrong."),
  );

  remember();
  if (at.ink.length > 0 && at.from === "drawing") draw(at.ink);
  misread();
}
