"""From an interaction to the number on the screen: 100 ms at most is what we want, as a median on an idle machine.

The figures are printed (pytest -s). So that it holds on a machine that is busy, what fails is measured against what the
same requests take there without a page: each interaction is followed by its own requests, sent once more.
"""

import statistics

import pytest

import deck as d

ROUNDS = 15
AIM, FAR_TOO_LONG = 100, 1000  # milliseconds
# A page may take four times as long as its requests alone, and so many milliseconds more.
FACTOR, MORE = 4, 60

# Acts on the page, and tells how long it took until what was watched had changed and was painted.
MEASURE = """async ({act, watch, value}) => {
  const watched = document.querySelector(watch);
  const before = watched.textContent;
  const field = document.querySelector(act);
  const began = performance.now();
  const changed = new Promise((resolve, reject) => {
    const observer = new MutationObserver(() => {
      if (watched.textContent === before) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
    });
    observer.observe(watched, {childList: true, characterData: true, subtree: true});
    setTimeout(() => reject(new Error('nothing changed')), 5000);
  });
  if (field.matches('button')) field.click();
  else {
    if (field.type === 'radio') field.checked = true;
    else field.value = value;
    field.dispatchEvent(new Event('input', {bubbles: true}));
    field.dispatchEvent(new Event('change', {bubbles: true}));
  }
  return changed;
}"""

# Sends requests one after the other, reads their answers, and waits for a frame as above.
SEND = """async requests => {
  const began = performance.now();
  for (const [path, method, body] of requests) {
    const headers = body === null ? {} : {'Content-Type': 'application/json'};
    await (await fetch(path, {method, headers, body, cache: 'no-store'})).json();
  }
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - began;
}"""

# Page, its state, what is acted on, what is watched, and the values that follow on each other.
CELL = 'table[data-grid="X"] td[data-row="0"][data-column="0"] input'
DECKS = "?part=test&set=digits"
ACTS = [
    (1, "", CELL, 'table[data-grid="correlation"]', range(2, 99)),
    (3, "?step=16", CELL, 'table[data-grid="Y"]', range(2, 99)),
    (5, "", CELL, 'table[data-grid="dK"]', range(2, 99)),
    (6, "", 'table[data-grid="K"] td input', 'table[data-grid="scattering"]', range(2, 99)),
    (7, "", 'table[data-grid="x"] input', 'table[data-grid="sigmoid"]', [n / 10 for n in range(1, 40)]),
    (8, DECKS, 'main .chooser input[type="range"]', 'table[data-grid="z"]', range(1, 99)),
]


@pytest.mark.parametrize("number, query, act, watch, values", ACTS, ids=lambda value: str(value)[:12])
def test_an_interaction_is_answered_at_once(deck, number, query, act, watch, values):
    deck.open(number, query)
    deck.reveal()
    deck.settle()
    measure(deck, number, watch, [(act, value) for value in list(values)[:ROUNDS]])


def test_a_drawing_is_read_at_once(deck):
    deck.open(10)
    deck.press("A ring")
    d.eventually(lambda: set(deck.values("X")) != {None})
    deck.settle()
    for name in ("stroke", "ring"):
        deck.button(f"A {name}").evaluate("(button, name) => button.dataset.draws = name", name)
    acts = [(f'[data-draws="{("stroke", "ring")[turn % 2]}"]', "") for turn in range(ROUNDS)]
    measure(deck, 10, 'table[data-grid="X"]', acts)


def measure(deck, number, watch, acts):
    """Acts on each element with its value, and demands that the page takes hardly longer than its requests alone."""
    requests, times, alone = [], [], []
    deck.page.on("request", lambda request: "/api/" in request.url and requests.append(
        [request.url, request.method, request.post_data]))
    for act, value in acts:
        requests.clear()
        times.append(deck.page.evaluate(MEASURE, {"act": act, "watch": watch, "value": str(value)}))
        deck.settle()
        alone.append(deck.page.evaluate(SEND, list(requests)))
    median, bare = statistics.median(times), statistics.median(alone)
    print(f"\npage {number}: median {median:.0f} ms, {'under' if median < AIM else 'not under'} {AIM} ms; "
          f"longest {max(times):.0f} ms; its requests alone {bare:.0f} ms")
    assert median < FACTOR * bare + MORE, (times, alone)
    assert median < FAR_TOO_LONG, times
