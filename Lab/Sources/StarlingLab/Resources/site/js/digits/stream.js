// A training run's events as they come, over a connection that may be lost and come back.

import { get } from "../api.js";

/**
 * How long a connection may be gone, in milliseconds, before the page stops believing what it
 * shows.
 */
const patience = 3000;

/** How long to wait before asking a server anew that turned the stream away, in milliseconds. */
const pause = 1500;

/** The states in which a run has ended. */
export const ended = ["finished", "stopped", "failed"];

/** A run's states, as one says them. */
export const stateWords = {
  running: "is running", paused: "is paused", finished: "is finished", stopped: "was stopped",
  failed: "has failed",
};

/**
 * Follows a run's events until its last. The browser itself reconnects, and says which event it had
 * last (`Last-Event-ID`), so that none is missed; one that comes twice is passed over.
 *
 * @param {string} run the run's id
 * @param {{onEpoch: (epoch: Object) => void, onState: (state: {state: string, message: string}) =>
 *   void, onLost: () => void, onDoubt: () => void, onBack: () => void, onGone: (error: Error) =>
 *   void}} handlers `onLost` at once, `onDoubt` when the connection has been gone for 3 seconds,
 *   `onBack` when there is one again, `onGone` when the server no longer knows the run
 * @returns {() => void} stops following
 */
export function follow(run, handlers) {
  const path = `/api/runs/${encodeURIComponent(run)}`;
  let source;
  let seen = 0;
  let doubt;
  let retry;
  let isLost = false;
  let isStopped = false;

  function lost() {
    if (isLost) return;
    isLost = true;
    doubt = setTimeout(handlers.onDoubt, patience);
    handlers.onLost();
  }

  function stop() {
    isStopped = true;
    clearTimeout(doubt);
    clearTimeout(retry);
    source.close();
  }

  /** Whether an event is new. */
  function isNew(event) {
    const id = Number(event.lastEventId);
    if (id <= seen) return false;
    seen = id;
    return true;
  }

  function open() {
    source = new EventSource(`${path}/events`);
    source.addEventListener("open", () => {
      clearTimeout(doubt);
      if (isLost) handlers.onBack();
      isLost = false;
    });
    source.addEventListener("epoch", (event) => {
      if (isNew(event)) handlers.onEpoch(JSON.parse(event.data));
    });
    source.addEventListener("state", (event) => {
      if (!isNew(event)) return;
      const state = JSON.parse(event.data);
      if (ended.includes(state.state)) stop();
      handlers.onState(state);
    });
    source.addEventListener("error", () => {
      if (isStopped) return;
      lost();
      // A browser that was turned away, or has no hope, does not try again by itself.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(again, pause);
    });
  }

  async function again() {
    try {
      await get(path);
      if (!isStopped) open();
    } catch (error) {
      if (isStopped) return;
      if (error.status === 404) {
        stop();
        handlers.onGone(error);
      } else {
        retry = setTimeout(again, pause);
      }
    }
  }

  open();
  return stop;
}
