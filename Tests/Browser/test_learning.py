"""Page 9: learning, live, by the real engine."""

import json
import re
import time
import urllib.request

import pytest

import deck as d
from line import Line

FIELDS = {"error": 4, "testError": 4}
ENDED = ["finished", "stopped", "failed"]


@pytest.fixture(autouse=True)
def no_run_is_left(deck):
    """At most four may be alive, so each test ends its own."""
    yield
    stop = deck.button("Stop")
    if stop.is_visible() and stop.is_enabled():
        stop.click()
        state(deck, "stopped")


def state(deck, wanted, seconds=3 * d.PATIENCE):
    deck.page.locator(f'[data-run="{wanted}"]').wait_for(timeout=seconds * 1000)


def start(deck, **settings):
    """Opens page 9, sets what is named, starts, and gives the run as the server told it."""
    deck.open(9)
    for label, value in settings.items():
        deck.page.get_by_label(label.replace("_", " "), exact=True).fill(str(value))
    with deck.page.expect_response(lambda response: response.url.endswith("/api/runs")) as response:
        deck.button("Start").click()
    assert response.value.status == 201
    return response.value.json()


def events(deck, run):
    """All events of a run that is over, from the first."""
    with urllib.request.urlopen(f"{deck.address}api/runs/{run}/events", timeout=20) as stream:
        blocks = stream.read().decode().strip().split("\n\n")
    found = []
    for block in blocks:
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and ": " in line)
        if "event" in lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


def rows(deck):
    """The table's rows: the epoch's number, and by field what is seen and what was told."""
    return deck.page.eval_on_selector_all("tr[data-epoch]", """rows => rows.map(row => [Number(row.dataset.epoch),
      Object.fromEntries([...row.querySelectorAll('[data-field]')].map(cell =>
        [cell.dataset.field, [cell.textContent, Number(cell.dataset.value)]]))])""")


def test_the_decks_defaults(deck):
    run = start(deck)
    settings = run["settings"]
    assert (settings["epochs"], settings["learningRate"], settings["images"]) == (20, 0.1, 100), settings
    state(deck, "finished")
    deck.settle()

    told = events(deck, run["id"])
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1)), "ids have gaps"
    epochs = [data for _, kind, data in told if kind == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == list(range(1, 21))

    d.eventually(lambda: len(rows(deck)) == 20)
    for (number, fields), epoch in zip(rows(deck), epochs):
        assert number == epoch["epoch"]
        for name in ("error", "testError", "accuracy", "testAccuracy", "seconds"):
            text, value = fields[name]
            assert value == epoch[name], (number, name)
            right = d.plain(epoch[name], FIELDS.get(name, 3))
            if "ccuracy" in name:
                right = f"{d.rounded(100 * epoch[name], 2)}\u00a0%"
            assert text == right, (number, name, text, epoch[name])

    first, last = epochs[0]["error"], epochs[-1]["error"]
    assert last < first / 5, (first, last)
    assert epochs[-1]["testAccuracy"] > 0.95
    for name in ("dK", "dB", "dX"):
        deck.passes(name, tolerance=1e-3)
    print(f"\nerror {first:.4f} -> {last:.4f}, {epochs[-1]['testAccuracy']:.2%} of the test images")


def test_a_reversed_kernel_gradient_learns_all_the_same_and_its_check_fails(deck):
    deck.open(9)
    deck.choose("reversedKernelGradient")
    with deck.page.expect_response(lambda response: response.url.endswith("/api/runs")) as response:
        deck.button("Start").click()
    run = response.value.json()
    assert run["settings"]["mistake"] == "reversedKernelGradient"
    state(deck, "finished")
    deck.settle()
    epochs = [data for _, kind, data in events(deck, run["id"]) if kind == "epoch"]
    assert epochs[-1]["testAccuracy"] >= 0.95
    assert epochs[-1]["error"] < epochs[0]["error"]
    error = deck.fails("dK", tolerance=1e-3)
    deck.passes("dB", tolerance=1e-3)
    shown = d.number(rows(deck)[-1][1]["testAccuracy"][0])
    assert shown >= 0.95
    print(f"\n{epochs[-1]['testAccuracy']:.2%} of the test images; dK FAIL with a relative error of {error:.2g}")


def test_stop(deck):
    start(deck, Images_of_each_digit=1000, Epochs=100)
    deck.page.locator('tr[data-epoch="1"]').wait_for(timeout=60_000)
    began = time.monotonic()
    deck.button("Stop").click()
    state(deck, "stopped")
    seconds = time.monotonic() - began
    # Half a second on an idle machine. One that had gone on to its end would be finished, and not stopped.
    count = len(rows(deck))
    deck.page.wait_for_timeout(1500)
    assert len(rows(deck)) == count
    print(f"\nstopped after {seconds:.2f} s")


def test_pause_one_sample_resume(deck):
    deck.open(9)
    deck.page.get_by_label("Pause before the first sample").check()
    with deck.page.expect_response(lambda response: response.url.endswith("/api/runs")) as answer:
        deck.button("Start").click()
    run = answer.value.json()["id"]
    state(deck, "paused")
    status = deck.page.locator("[data-run]")
    d.eventually(lambda: re.search(r"next: 0 of 200", status.inner_text()), what="no image seen")
    other = d.Deck(deck.page.context.new_page(), deck.address)
    looks = []
    other.page.on("response", lambda response: looks.append(response.url) if response.url.endswith("/api/runs/" + run) else None)
    other.page.goto(deck.link())
    other.until(lambda: len(looks) >= 2, what="a look at the run, and one more at its first event")
    other.settle()
    deck.button("One sample").click()
    d.eventually(lambda: re.search(r"next: 1 of 200", status.inner_text()), what="one image seen")
    # Another tab asks when one comes back to it.
    other.page.evaluate("window.dispatchEvent(new Event('focus'))")
    there = other.page.locator("[data-run]")
    d.eventually(lambda: re.search(r"next: 1 of 200", there.inner_text()), what="one image seen in the other tab")
    other.page.close()
    assert len(set(deck.values("sample"))) > 2, "the sample's picture is empty"
    deck.button("Resume").click()
    state(deck, "finished")
    d.eventually(lambda: len(rows(deck)) == 20)


def test_a_rate_that_diverges_stops_and_names_the_layer(deck):
    start(deck, Learning_rate=1000000)
    state(deck, "failed")
    d.eventually(lambda: re.search(r"layer|convolution|dense|sigmoid", deck.alert(), re.IGNORECASE), what="the alert")
    print("\n" + deck.alert())
    # What is seen beside it is no network of the epoch that failed.
    d.eventually(lambda: "as it was before its first image" in deck.page.locator("main").inner_text())


def test_a_run_is_found_again_when_the_page_is_turned_back(deck):
    run = start(deck, Images_of_each_digit=1000, Epochs=100)
    for number in (8, 9):
        deck.page.locator("nav a, .pages a").get_by_text(str(number), exact=True).first.click()
        deck.page.wait_for_url(f"**/{number}*")
    state(deck, "running")
    assert run["id"] in deck.page.locator("[data-run]").inner_text()
    deck.button("Stop").click()
    state(deck, "stopped")


def test_a_rate_of_zero_stops_at_its_field(deck):
    deck.open(9)
    field = deck.page.get_by_label("Learning rate", exact=True)
    field.fill("0")
    deck.button("Start").click()
    deck.settle()
    assert field.evaluate("field => !field.checkValidity()")
    assert deck.page.locator("[data-run]").count() == 0 and deck.alert() == ""


def test_a_second_tab_shows_the_same_run(deck):
    start(deck)
    state(deck, "finished")
    d.eventually(lambda: len(rows(deck)) == 20)
    other = d.Deck(deck.page.context.new_page(), deck.address)
    other.page.goto(deck.link())
    state(other, "finished")
    d.eventually(lambda: rows(other) == rows(deck))


@pytest.fixture
def line(address):
    line = Line(address)
    yield line
    line.close()


def test_a_lost_connection_resumes_without_a_gap(wide, line):
    deck = d.Deck(wide.new_page(), line.address)
    run = start(deck, Images_of_each_digit=1000)
    d.eventually(lambda: line.is_broken, 60, "the stream breaks off")
    d.eventually(lambda: "connection to the training was lost" in deck.alert(), what="the alert")
    assert {text for _, fields in rows(deck) for text, _ in fields.values()} <= {d.DASH}
    line.mend()
    state(deck, "finished")
    d.eventually(lambda: len(rows(deck)) == 20)
    d.eventually(lambda: deck.alert() == "", what="no alert")

    # The browser said what it had, and the lab went on with the next.
    assert line.asked[0] is None and line.asked[-1] in line.numbers(0), line.asked
    assert line.numbers(-1)[0] == line.asked[-1] + 1
    epochs = [data for _, kind, data in events(deck, run["id"]) if kind == "epoch"]
    assert [fields["error"][1] for _, fields in rows(deck)] == [epoch["error"] for epoch in epochs]


def test_a_stream_that_is_turned_away_is_asked_for_again(wide, address):
    deck = d.Deck(wide.new_page(), address)
    lost = []

    def cut(route):
        if len(lost) < 2:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    deck.page.route("**/events", cut)
    run = start(deck, Images_of_each_digit=200)
    state(deck, "finished")
    d.eventually(lambda: len(rows(deck)) == 20)
    assert len(lost) == 2
    epochs = [data for _, kind, data in events(deck, run["id"]) if kind == "epoch"]
    assert [fields["error"][1] for _, fields in rows(deck)] == [epoch["error"] for epoch in epochs]


def test_a_server_in_trouble_has_not_forgotten_the_run(wide, address):
    deck = d.Deck(wide.new_page(), address)
    asked = []

    def refuse(route):
        asked.append(route.request.url)
        route.fulfill(status=500, content_type="application/json", body='{"error": {"field": "", "message": "trouble"}}')

    ofRun = re.compile(r"/api/runs/[^/]+(/events)?$")
    deck.page.route(ofRun, refuse)
    start(deck, Epochs=2)
    deck.until(lambda: any(not url.endswith("/events") for url in asked), what="the run itself is asked")
    deck.page.unroute(ofRun)
    state(deck, "finished")
    assert "That run is gone" not in deck.page.locator("main").inner_text()
    d.eventually(lambda: len(rows(deck)) == 2)


def test_a_runs_network_reads_a_drawing(deck):
    run = start(deck, Epochs=1)
    state(deck, "finished")
    deck.page.get_by_role("link", name="page 10").click()
    deck.page.wait_for_url(f"**/10?network=run&run={run['id']}")
    with deck.page.expect_request("**/api/predict") as request:
        deck.button("A ring").click()
    assert request.value.post_data_json["run"] == run["id"]
    d.eventually(lambda: set(deck.values("X")) != {None}, what="what the network sees")


def test_a_run_whose_first_answer_is_lost_is_followed_when_it_comes(wide, address):
    body = json.dumps({"isPaused": True, "seed": 7}).encode()
    request = urllib.request.Request(f"{address}api/runs", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        run = json.load(answer)
    deck = d.Deck(wide.new_page(), address)
    deck.page.route(f"**/api/runs/{run['id']}", lambda route: route.abort())
    deck.open(9, f"?run={run['id']}")
    d.eventually(deck.alert, what="the alert")
    deck.page.unroute(f"**/api/runs/{run['id']}")
    deck.button("Try again").click()
    state(deck, "paused")
    assert deck.page.get_by_label("Seed", exact=True).input_value() == "7"
    deck.button("Resume").click()
    state(deck, "finished")
    d.eventually(lambda: len(rows(deck)) == 20)


def test_a_run_that_is_gone_can_be_made_again(wide, address):
    deck = d.Deck(wide.new_page(), address)
    deck.page.clock.install()
    run = start(deck, Seed=5, Epochs=2)
    state(deck, "finished")
    deck.page.get_by_label("Seed", exact=True).fill("6")
    deck.settle()  # or the clock would run past the time that an answer may take
    deck.page.route(f"**/api/runs/{run['id']}", lambda route: route.fulfill(
        status=404, content_type="application/json", body='{"error": {"field": "id", "message": "it is gone"}}'))
    deck.page.clock.fast_forward(46_000)
    d.eventually(lambda: "That run is gone" in deck.page.locator("main").inner_text(), what="the news")
    assert deck.page.get_by_label("Seed", exact=True).input_value() == "5"
    with deck.page.expect_response(lambda response: response.url.endswith("/api/runs")) as response:
        deck.button("Start").click()
    again = response.value.json()
    assert again["settings"] == run["settings"] and again["id"] != run["id"]
    state(deck, "finished")
