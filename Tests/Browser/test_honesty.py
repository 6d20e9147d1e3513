"""No number on a page is the page's own: each comes from an answer, or is not there."""

import json
import re

import pytest

import deck as d
import tour

# A response, what in it is replaced by 999, and the grids and figures that then have to show it, in every cell.
REPLACED = [
    (2, "anatomy", ["parameters", "windows", "multiplyAdds"],
     ["kernels", "biases", "total", "windows", "multiplyAdds"]),
    (1, "correlate", ["correlation"], ["correlation"]),
    (1, "correlate", ["convolution", "rotated"], ["convolution", "rotated"]),
    (3, "forward", ["y", "before", "start"], ["Y"]),
    ("3?step=1", "forward", ["steps.left.value", "steps.right.value", "steps.product", "steps.sum"],
     ["left", "right", "product", "sum"]),
    (4, "dense", ["y"], ["y"]),
    (4, "dense", ["convolution"], ["Y"]),
    (5, "backward", ["dK"], ["dK"]),
    (5, "backward", ["dB"], ["dB"]),
    (6, "backward", ["dX"], ["dX"]),
    (6, "backward", ["scattering"], ["scattering"]),
    (6, "backward", ["gathering"], ["gathering"]),
    (6, "backward", ["windows"], ["windows-corner", "windows-edge", "windows-middle"]),
    (6, "trace", ["before"], ["scattered", "gathered"]),
    ("6?scatter=1&gather=1", "trace", ["steps.product", "steps.sum"],
     ["scatter-product", "scatter-sum", "gather-product", "gather-sum"]),
    (7, "sigmoid", ["y", "slope", "dX"], ["sigmoid", "slope", "dX", "precise", "exact"]),
    (7, "cross-entropy", ["gradient", "asPrinted", "measured"], ["gradient", "asPrinted", "measured"]),
    (7, "reshape", ["volume", "column", "back"], ["volume", "column", "back"]),
    (8, "window", ["x", "k", "b", "y"], ["window", "K", "B", "Y-number"]),
    (8, "activations", ["pixels"], ["X"]),
    (10, "predict", ["pixels", "confidence", "sum"], ["X", "confidence", "sum"]),
]


def nines(value):
    """The same shape, with 999 for each number."""
    if isinstance(value, list):
        return [nines(inner) for inner in value]
    if isinstance(value, dict):
        return {key: nines(inner) for key, inner in value.items()}
    return 999


def put_nines(answer, path):
    """Replaces what lies at a path, `steps.left.value`, in each item of the lists on its way."""
    key, _, rest = path.partition(".")
    for part in answer if isinstance(answer, list) else [answer]:
        if rest:
            put_nines(part[key], rest)
        else:
            part[key] = nines(part[key])


def replacing(paths):
    """A handler for a route that answers with 999 at some paths."""
    def replace(route):
        response = route.fetch()
        answer = response.json()
        for path in paths:
            put_nines(answer, path)
        route.fulfill(response=response, json=answer)

    return replace


def check_dashes(deck):
    shown = [(name, text) for name, text in deck.computed() if text != d.DASH]
    assert not shown, f"still there: {shown[:8]}"
    assert deck.alert(), "no alert says why"
    return True


@pytest.mark.parametrize("number", d.PAGES)
def test_without_answers_there_is_no_number(broken, number):
    broken.page.route("**/api/**", lambda route: route.abort())
    broken.open(number)
    broken.reveal()
    d.eventually(lambda: check_dashes(broken))


@pytest.mark.parametrize("number", d.PAGES)
def test_numbers_go_when_answers_stop(broken, number):
    broken.open(number)
    broken.reveal()
    tour.prepare(broken, number)
    assert any(text != d.DASH for _, text in broken.computed())
    broken.page.route("**/api/**", lambda route: route.abort())
    tour.touch(broken, number)
    d.eventually(lambda: check_dashes(broken))
    # Nor is a number left where it is not seen.
    assert not re.search(r"\d", broken.page.locator("#announcer").text_content())
    assert broken.page.locator("[data-value]", has_text=re.compile(f"^{d.DASH}$")).count() == 0
    assert broken.page.locator("[data-run]").count() == 0


@pytest.mark.parametrize("number", d.PAGES)
def test_an_error_of_the_server_is_told(broken, number):
    message = "x[1]: expected 3 numbers, found 2; make the rows equally long"
    broken.page.route("**/api/**", lambda route: route.fulfill(
        status=400, content_type="application/json", body=json.dumps({"error": {"field": "x[1]", "message": message}})))
    broken.open(number)
    broken.reveal()
    d.eventually(lambda: message in broken.alert(), what="the alert")


def test_an_answer_that_does_not_come_is_given_up(broken):
    broken.open(1)
    broken.reveal()
    broken.page.route("**/api/**", lambda route: None)
    tour.touch(broken, 1)
    d.eventually(lambda: check_dashes(broken))


def test_an_answer_that_may_take_longer_is_given_up_too(broken):
    broken.page.clock.install()
    broken.page.route("**/api/network", lambda route: None)
    broken.page.goto(f"{broken.address}8")
    broken.page.locator("main[data-busy]").wait_for()
    broken.page.wait_for_timeout(500)
    broken.page.clock.fast_forward(25_000)
    broken.page.wait_for_timeout(500)
    assert broken.alert() == ""
    broken.page.clock.fast_forward(10_000)
    d.eventually(lambda: "No answer came within 30 seconds." in broken.alert(), what="the alert")


def test_a_page_is_busy_until_it_shows_its_answers(broken):
    """On page 8, which has patience: what is held here is not given up."""
    held = []
    whole = broken.page.locator("main:not([data-busy])")
    broken.page.route("**/api/**", lambda route: held.append(route))
    broken.page.goto(f"{broken.address}8?set=digits")

    def release():
        while whole.count() == 0:
            while held:
                held.pop().continue_()
            broken.page.wait_for_timeout(20)

    broken.until(lambda: held, what="the first request")
    broken.page.wait_for_timeout(100)
    assert whole.count() == 0 and set(broken.values("z")) == {None}
    release()
    before = broken.values("z")
    assert None not in before
    # And so again at each question.
    broken.page.get_by_label("Which of them").press("ArrowRight")
    broken.until(lambda: held, what="a request")
    assert whole.count() == 0
    release()
    assert broken.values("z") != before


def test_a_page_that_is_left_asks_no_more(broken):
    held = []
    broken.page.route("**/api/activations", lambda route: held.append(route))
    broken.page.goto(f"{broken.address}9")
    broken.until(lambda: held, what="the digit's maps")
    # Another digit, which has to wait until the first is answered.
    with broken.page.expect_response(lambda response: "index=1" in response.url):
        broken.page.get_by_label("Which of them").press("ArrowRight")
    broken.page.locator('#pages a[href="/1"]').click()
    d.eventually(lambda: broken.names().count("correlation"), what="page 1")
    held.pop().abort()
    broken.settle()
    broken.page.wait_for_timeout(300)
    assert not held, "the page that was left asked for the other digit"
    broken.shows("correlation", d.CORRELATION)
    assert broken.alert() == ""


def test_the_page_recovers(broken):
    broken.open(1)
    broken.reveal()
    broken.page.route("**/api/**", lambda route: route.abort())
    broken.type("X", [[2]])
    d.eventually(lambda: check_dashes(broken))
    broken.page.unroute("**/api/**")
    broken.press("Try again")
    broken.shows("correlation", d.correlate([[2, 6, 2], *d.X[1:]], d.K))
    assert broken.alert() == ""


def test_the_source_comes_back_with_the_numbers(broken):
    broken.page.route("**/api/**", lambda route: route.abort())
    broken.open(3)
    broken.reveal()
    # The deck's own few lines of Python are there, but nothing that would have to be asked for.
    assert broken.page.locator(".source:has(h2 code) [data-line]").count() == 0
    broken.page.unroute("**/api/**")
    broken.press("Try again")
    d.eventually(lambda: d.DASH not in [text for line in broken.texts("Y") for text in line], what="numbers")
    assert broken.alert() == ""
    d.eventually(lambda: broken.page.locator("[data-line]").count() > 40, what="lines of source")


@pytest.mark.parametrize("number, path, keys, grids", REPLACED)
def test_an_answer_of_999_appears(broken, number, path, keys, grids):
    broken.page.route(f"**/api/{path}", replacing(keys))
    broken.open(number)
    broken.reveal()
    if number == 10:
        broken.press("A ring")
    for name in grids:
        channels = broken.names().count(name)
        for channel in range(channels):
            d.eventually(lambda: {n for row in broken.grid(name, channel) for n in row} == {999}, what=f"999 in {name}")
        if channels == 0:
            figure = broken.page.locator(f'[data-value-of="{name}"]')
            d.eventually(lambda: d.number(figure.inner_text()) == 999, what=f"999 in {name}")


def test_an_answer_of_999_appears_in_learning(broken):
    """From the events, the checks and the run, each by itself."""
    def in_events(route):
        response = route.fetch()
        route.fulfill(response=response, body=re.sub(r'"(error|testError)":[^,}]+', r'"\1":999', response.text()))

    def forget_history(route):
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "history": []})

    def errors():
        return set(broken.page.locator('[data-field="error"], [data-field="testError"]').all_inner_texts())

    run = re.compile(r"/api/runs/[^/]+$")
    broken.page.route("**/api/runs/*/events", in_events)
    broken.page.route("**/api/runs/*/checks", replacing(["checks.maxRelativeError"]))
    broken.page.route(run, forget_history)
    broken.open(9)
    broken.reveal()
    tour.prepare(broken, 9)
    d.eventually(lambda: errors() == {"999"}, what="the events' errors")
    assert "error=999" in broken.page.locator('[data-value-of="line"]').inner_text()
    check = broken.page.locator('[data-check="dK"]')
    d.eventually(lambda: "999" in check.inner_text(), what="the check's error")
    broken.page.unroute(run, forget_history)
    broken.page.route(run, replacing(["history.error", "history.testError"]))
    broken.page.reload()
    d.eventually(lambda: errors() == {"999"}, what="the run's errors")


def test_how_many_steps_there_are_is_said_as_answered(broken):
    broken.page.route("**/api/forward", replacing(["total"]))
    broken.open(3, "?step=64&x=" + "; ".join(["1 2 3 4 5 6 7 8"] * 8))
    broken.press("Step")  # The first of the next page of steps, which has to be asked for.
    d.eventually(lambda: "Step 65 of 999" in broken.page.locator("#announcer").inner_text(), what="the announcement")


@pytest.mark.parametrize("number", d.PAGES)
def test_every_number_shown_stands_in_an_answer(wide, address, number):
    page = wide.new_page()
    deck = d.Deck(page, address)
    allowed = {d.DASH, "", "PASS", "FAIL", "∞"}
    texts = set()

    def collect(value):
        if isinstance(value, dict):
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)
        elif isinstance(value, str):
            texts.add(value)
            if value in ("NaN", "Infinity", "-Infinity"):
                allowed.update(d.printed(value.replace("Infinity", "inf")))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            allowed.update(d.printed(value))

    seen = []
    page.on("response", lambda response: seen.append(response) if "/api/" in response.url else None)
    deck.open(number)
    deck.reveal()
    tour.prepare(deck, number)
    for response in seen:
        if "json" in response.headers.get("content-type", "") and response.status < 300:
            collect(response.json())
    own = [(name, text) for name, text in deck.computed() if text not in texts
           and not any(character.isalpha() for character in text)  # a sentence
           and not all(part in allowed for part in re.split("×|, | → ", text))  # 5×26×26
           and not (name == "legend-ends" and text.lstrip("+−") in allowed)]  # both ends of one scale
    assert not own, f"in no answer: {own[:10]}"
