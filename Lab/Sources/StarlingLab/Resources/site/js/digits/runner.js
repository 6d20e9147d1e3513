// A training run that a page watches: begun here or found in the address, told what to do, followed
// to its end.

import { ApiError, get, patience, post } from "../api.js";
import { ended, follow } from "./stream.js";

/**
 * How often an open page looks at its run, in milliseconds: it is forgotten when nobody looks for 2
 * minutes.
 */
const lookEvery = 45000;

const doubt = "The connection to the training was lost, so that nobody knows how it stands. The "
  + "page goes on trying, and takes up where it was.";

/** The run that was begun or opened last, in this tab. */
let recent = "";

/**
 * The run. Its numbers are what the server's answers and events said, and nothing else.
 *
 * @param {Object} ctx the page's
 * @param {Object} on what is told
 * @param {() => void} on.change there is something new in `run` or `history`
 * @param {(isFound: boolean) => void} on.begin there is another run; `isFound` where it was opened
 *   and not started here
 * @param {() => void} on.news its state has changed: worth saying aloud
 * @param {(sample: Object) => void} on.sample one sample was taken
 * @param {(settings: Object|undefined) => void} on.gone the server no longer knows it; its
 *   settings, if they were ever told
 * @param {(how: "lost"|"back") => void} on.connection
 * @returns {{run: Object|undefined, history: Object[], isDoubted: boolean, isAlive: boolean,
 *   start: (settings: Object) => void, tell: (what: "pause"|"resume"|"stop") => Promise<boolean>,
 *   step: () => void, open: (id: string) => void, recent: () => string, leave: () => void}} `isDoubted` after
 *   a failure, until an answer comes again
 */
export function runner(ctx, on) {
  let unfollow = () => {};
  let asked = 0;
  const self = {
    run: undefined, history: [], isDoubted: false, start, tell, step, open, leave,
    recent: () => recent,
  };
  Object.defineProperty(self, "isAlive", {
    get: () => self.run !== undefined && !ended.includes(self.run.state),
  });

  const path = (rest = "") => `/api/runs/${encodeURIComponent(self.run.id)}${rest}`;
  const timer = setInterval(look, lookEvery);
  // Another tab may have shown it single samples, of which no event tells.
  window.addEventListener("focus", look);
  ctx.register(() => { self.isDoubted = true; });

  let isStarting = false;

  async function start(settings) {
    // A second press while the first is under way would start a second run.
    if (isStarting) return;
    isStarting = true;
    await ctx.computed(() => post("/api/runs", settings, patience), begin, { isAction: true });
    isStarting = false;
  }

  function open(id) {
    self.run = { id };
    look();
  }

  function begin(found, isFound = false) {
    unfollow();
    self.run = found;
    self.history = [];
    recent = found.id;
    on.begin(isFound);
    take(found);
    if (self.isAlive) listen(found.id);
  }

  function take(found) {
    self.isDoubted = false;
    self.run = found;
    // Epochs that have been heard of while the answer was under way are not forgotten.
    if (found.history.length >= self.history.length) self.history = found.history;
    on.change();
  }

  function listen(id) {
    unfollow = follow(id, {
      onEpoch(epoch) {
        // What came before a failure is not believed any more: then the run itself is asked.
        if (self.isDoubted) look();
        else self.history[epoch.epoch - 1] = epoch;
        on.change();
      },
      onState(changed) {
        const isNews = self.run.state !== changed.state;
        if (!self.isDoubted) Object.assign(self.run, changed);
        if (isNews) on.news();
        // How many images it has been shown since the last epoch, only the run tells.
        look();
      },
      onLost: () => on.connection("lost"),
      onDoubt: () => ctx.fail(new ApiError(0, "", doubt)),
      onBack() {
        on.connection("back");
        look();
      },
      onGone: forget,
    });
  }

  /**
   * Asks the run how it stands. That it is gone is an answer too; an answer older than another is
   * none.
   */
  async function look() {
    if (!self.run) return;
    const { id } = self.run;
    asked += 1;
    const question = asked;
    await ctx.computed(async () => {
      try {
        return await get(`/api/runs/${encodeURIComponent(id)}`);
      } catch (error) {
        if (error.status === 404) return { isGone: true };
        throw error;
      }
    }, (found) => {
      if (id !== self.run?.id || question !== asked) return;
      if (found.isGone) forget();
      else if (self.run.settings) take(found);
      // One that was opened by its id is known by nothing else until its first answer has come.
      else begin(found, true);
    }, { key: "run" });
  }

  function forget() {
    unfollow();
    const { settings } = self.run;
    recent = "";
    self.run = undefined;
    self.history = [];
    on.gone(settings);
  }

  function tell(what) {
    asked += 1;
    return ctx.computed(async () => {
      try {
        return await post(path(`/${what}`));
      } catch (error) {
        // It came to its end before the word reached it: that is news, and no failure.
        if (error.status === 409) return get(path());
        throw error;
      }
    }, (found) => {
      const isNews = self.run?.state !== found.state;
      take(found);
      if (!self.isAlive) unfollow();
      if (isNews) on.news();
    }, { isAction: true });
  }

  function step() {
    ctx.computed(() => post(path("/step")), (sample) => {
      on.sample(sample);
      look();
    }, { isAction: true });
  }

  function leave() {
    unfollow();
    clearInterval(timer);
    window.removeEventListener("focus", look);
  }

  return self;
}
