// The one way to a number: ask the server. Nothing is kept, so that an answer shown is an answer
// that came.

/** A refusal, a failure, or an answer that did not come. */
export class ApiError extends Error {
  /**
   * @param {number} status the HTTP status; 0 when there was no answer.
   * @param {string} field what the server names as the cause, such as `x[1]`; "" when it names
   *   nothing.
   * @param {string} message one line, fit to be read.
   */
  constructor(status, field, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.field = field;
  }
}

/** How long an answer may take, in milliseconds, before the page stops believing in it. */
const timeLimit = 3000;

/**
 * For what may have to wait until digits are read, the network is trained, all images are tested,
 * or a run that learns meanwhile leaves time for it.
 */
export const patience = { limit: 30000 };

/** What is said where there is no server. */
export const unreachable = "The server cannot be reached. Is starling-lab still running?";

/**
 * Asks for something.
 *
 * @param {string} path such as `/api/network`
 * @param {{limit?: number, signal?: AbortSignal}} [options] `limit` in milliseconds is for the few
 *   requests that may rightly take longer, such as the first that needs the trained network;
 *   `signal` gives the request up (it then resolves to undefined).
 * @returns {Promise<any>} the answer; rejects with an ApiError.
 */
export function get(path, options = {}) {
  return ask(path, { method: "GET" }, options);
}

/**
 * Sends something and returns the answer.
 *
 * @param {string} path
 * @param {Object} body sent as JSON
 * @param {{limit?: number, signal?: AbortSignal}} [options] as for `get`
 * @returns {Promise<any>}
 */
export function post(path, body = {}, options = {}) {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  return ask(path, request, options);
}

const underWay = new Map();

/**
 * As `post`, for what changes as one types or drags: when it is called again with the same key, the
 * older call is given up and resolves to undefined, whatever order the answers come in.
 *
 * @param {string} key
 * @param {string} path
 * @param {Object} body
 * @param {{limit?: number}} [options]
 * @returns {Promise<any|undefined>}
 */
export async function latest(key, path, body, options = {}) {
  underWay.get(key)?.abort();
  const controller = new AbortController();
  underWay.set(key, controller);
  try {
    const answer = await post(path, body, { ...options, signal: controller.signal });
    return underWay.get(key) === controller ? answer : undefined;
  } finally {
    if (underWay.get(key) === controller) underWay.delete(key);
  }
}

async function ask(path, request, { limit = timeLimit, signal } = {}) {
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), limit);
  const signals = signal ? [clock.signal, signal] : [clock.signal];
  try {
    const options = { ...request, cache: "no-store", signal: AbortSignal.any(signals) };
    const response = await fetch(path, options);
    const answer = json(await response.text());
    if (response.ok && answer !== undefined) return answer;
    const unread = `The server's answer could not be read (${response.status}).`;
    const { field = "", message = unread } = answer?.error ?? {};
    throw new ApiError(response.status, field, message);
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, "", clock.signal.aborted
      ? `No answer came within ${limit / 1000} seconds.`
      : unreachable);
  } finally {
    clearTimeout(timer);
  }
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
