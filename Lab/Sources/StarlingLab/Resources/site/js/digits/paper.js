// Paper to draw on: with a mouse, a finger, a pen, or the keyboard alone.

import { el, id } from "../dom.js";
import { announce } from "../page.js";
import { ink, show, side } from "./ink.js";

/** How far an arrow key moves the cursor, in pixels, and with Shift. */
const [stride, smallStride] = [8, 1];

/**
 * Points nearer to each other than this say nothing more about a stroke, and would make the address
 * long.
 */
const nearest = 3;

const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The paper, 280×280 pixels.
 *
 * @param {{strokes: number[][][], isDarkOnLight: boolean, onBegin: () => void, onStroke: (strokes:
 *   number[][][]) => void}} options `onBegin` is called when the pen touches the paper, before it
 *   leaves ink; `onStroke` when it is lifted
 * @returns {{element: HTMLElement, canvas: HTMLCanvasElement, set: (state: {strokes?: number[][][],
 *   isDarkOnLight?: boolean}) => void, showPicture: (source: CanvasImageSource & {width: number,
 *   height: number}) => void}} `showPicture` lays a picture over the paper, until the next `set`
 */
export function paper({ strokes: drawn, isDarkOnLight: isDark, onBegin, onStroke }) {
  const help = id("help");
  const canvas = el("canvas", {
    class: "paper", width: side, height: side, tabindex: "0",
    role: "application", "aria-label": "Paper to draw on", "aria-describedby": help,
  });
  const cursor = el("span", {
    class: "paper-cursor", "aria-hidden": "true", "data-pen": "up", hidden: true,
  });
  const element = el("div", { class: "drawing" },
    el("div", { class: "paper-stack" }, canvas, cursor),
    el("p", { class: "status", id: help },
      "Draw with the mouse or a finger. By keyboard: arrow keys move the cursor (with Shift by ",
      "one pixel), Space puts the pen down and lifts it."));

  let strokes = drawn;
  let isDarkOnLight = isDark;
  let stroke;
  let [x, y] = [side / 2, side / 4];
  let hasMoved = false;

  function paint() {
    show(canvas, ink(stroke ? [...strokes, stroke] : strokes), isDarkOnLight);
  }

  function place() {
    cursor.style.setProperty("--x", x);
    cursor.style.setProperty("--y", y);
    cursor.dataset.pen = stroke ? "down" : "up";
  }

  function down() {
    onBegin();
    stroke = [[x, y]];
    paint();
    place();
  }

  function go(toX, toY, isLast = false) {
    const inside = (n) => Math.min(side - 1, Math.max(0, Math.round(n)));
    [x, y] = [inside(toX), inside(toY)];
    if (stroke) {
      const [lastX, lastY] = stroke.at(-1);
      const distance = Math.hypot(x - lastX, y - lastY);
      if (distance >= (isLast ? 1 : nearest)) {
        stroke.push([x, y]);
        paint();
      }
    }
    place();
  }

  function up() {
    if (!stroke) return;
    strokes = [...strokes, stroke];
    stroke = undefined;
    place();
    onStroke(strokes);
  }

  // The pointer

  const position = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      event.clientX - box.left - canvas.clientLeft, event.clientY - box.top - canvas.clientTop,
    ];
  };
  let pointer;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== undefined) return;
    up();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    go(...position(event));
    down();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length > 0 ? all : [event]) go(...position(each));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = undefined;
      if (end === "pointerup") go(...position(event), true);
      up();
    });
  }

  // The keyboard. Space is a switch; held down while the arrows draw, it is a pen held down.

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = directions[event.key];
    if (direction) {
      event.preventDefault();
      const step = event.shiftKey ? smallStride : stride;
      hasMoved = true;
      go(x + direction[0] * step, y + direction[1] * step, true);
      if (!stroke) announce(`Column ${x}, row ${y}`);
    } else if (event.key === " ") {
      event.preventDefault();
      if (event.repeat) return;
      hasMoved = false;
      if (stroke) lift();
      else {
        down();
        announce(`Pen down at column ${x}, row ${y}`);
      }
    } else if (event.key === "Escape" && stroke) {
      event.preventDefault();
      lift();
    }
  });
  canvas.addEventListener("keyup", (event) => {
    if (event.key === " " && hasMoved && stroke) lift();
  });
  canvas.addEventListener("focus", () => { cursor.hidden = false; });
  canvas.addEventListener("blur", () => {
    cursor.hidden = true;
    if (pointer === undefined) up();
  });

  function lift() {
    up();
    announce(`Pen up at column ${x}, row ${y}`);
  }

  paint();
  place();
  return {
    element,
    canvas,
    set(state) {
      stroke = undefined;
      ({ strokes = strokes, isDarkOnLight = isDarkOnLight } = state);
      paint();
      place();
    },
    showPicture(source) {
      const context = canvas.getContext("2d", { willReadFrequently: true });
      const scale = Math.min(side / source.width, side / source.height);
      const [width, height] = [source.width * scale, source.height * scale];
      context.fillStyle = "white";
      context.fillRect(0, 0, side, side);
      context.imageSmoothingEnabled = scale < 1;
      context.drawImage(source, (side - width) / 2, (side - height) / 2, width, height);
    },
  };
}
