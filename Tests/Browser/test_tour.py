"""The whole tour: nothing from elsewhere, little to load, nothing that plays by itself, the very source."""

import pathlib
import urllib.request

import pytest

import deck as d
import tour

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "LineByLine"


def test_the_whole_tour_asks_no_other_host(deck):
    for _ in tour.everything(deck):
        pass
    assert deck.hosts == {deck.address.rstrip("/")}, deck.hosts


def test_the_first_page_is_small(deck):
    responses = []
    deck.page.on("response", lambda response: responses.append(response))
    deck.page.goto(deck.address)
    deck.settle()
    sizes = {response.url: len(response.body()) for response in responses if response.status == 200}
    assert deck.page.url.endswith("/1"), "the first address leads to the first page"
    total = sum(sizes.values())
    print(f"\nthe first page: {len(sizes)} files, {total / 1024:.0f} KB")
    assert total < 150_000, sizes


@pytest.mark.parametrize("number", d.PAGES)
def test_a_page_has_its_heading_and_one_question(deck, number):
    deck.open(number)
    assert deck.page.locator("h1").count() == 1
    assert deck.page.locator("h1").inner_text().strip()
    assert deck.page.locator("[data-question]").count() == 1
    assert deck.page.locator("[data-question] .because").is_hidden()
    deck.reveal()
    assert deck.page.locator("[data-question] .because").is_visible()


@pytest.mark.parametrize("number", d.PAGES)
def test_nothing_plays_by_itself(browser, address, number):
    context = browser.new_context(viewport={"width": 1280, "height": 900})  # motion is welcome here
    deck = d.Deck(context.new_page(), address)
    deck.open(number)
    deck.settle(40)
    before = deck.content()
    deck.page.wait_for_timeout(1200)
    assert deck.content() == before
    assert deck.page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length") == 0
    context.close()


@pytest.mark.parametrize("number", d.PAGES)
def test_the_policy_forbids_what_is_not_ours(address, number):
    with urllib.request.urlopen(f"{address}{number}") as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_turning_the_pages_by_their_links(deck):
    deck.open(1)
    for number in range(2, 11):
        deck.page.locator('a[rel="next"]').click()
        deck.page.wait_for_url(f"**/{number}")
        deck.settle(40)
    for number in range(9, 0, -1):
        deck.page.go_back()
        deck.page.wait_for_url(f"**/{number}")
        deck.settle(40)


@pytest.mark.parametrize("number", [1, 3, 5, 6])
def test_the_source_shown_is_the_file(deck, number):
    deck.open(number)
    deck.reveal()
    listings = deck.page.locator("section.source:has(h2 code)")
    assert listings.count() >= 1
    for listing in listings.all():
        name = listing.locator("h2 code").inner_text()
        shown = listing.locator("[data-line]").evaluate_all("lines => lines.map(line => line.textContent)")
        assert shown == (SOURCES / name).read_text(encoding="utf-8").rstrip("\n").split("\n"), name


@pytest.mark.parametrize("number, symbol", [(1, "X"), (3, "X"), (5, "X"), (6, "K")])
def test_a_symbol_lights_its_grid_and_its_source_line(deck, number, symbol):
    deck.open(number)
    deck.reveal()
    symbol = deck.page.locator(f'.formula [data-symbol="{symbol}"]').first
    symbol.focus()
    lit = deck.page.locator(".is-lit")
    assert lit.and_(deck.page.locator("figure")).count() >= 1, "no grid lights up"
    assert lit.and_(deck.page.locator("[data-line]")).count() >= 1, "no source line lights up"
