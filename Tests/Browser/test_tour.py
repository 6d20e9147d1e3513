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
    deck.settle()
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
        deck.settle()
    for number in range(9, 0, -1):
        deck.page.go_back()
        deck.page.wait_for_url(f"**/{number}")
        deck.settle()


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


# What the formulas' symbols, each focused in turn, do not light: a grid or a drawing, and a line that one sees.
UNLIT = """() => [...document.querySelectorAll('.formula [data-symbol]')].flatMap(symbol => {
  symbol.focus();
  const lit = [...document.querySelectorAll('.is-lit')].filter(node => node.checkVisibility());
  const line = lit.some(node => {
    const [at, frame] = [node, node.closest('.scroller') ?? node].map(each => each.getBoundingClientRect());
    return node.matches('[data-line]') && at.top >= frame.top && at.bottom <= frame.bottom;
  });
  const grid = lit.some(node => !node.matches('.formula *, [data-line]'));
  return [!line && 'no line', !grid && 'no grid'].filter(Boolean).map(what => `${symbol.dataset.symbol}: ${what}`);
})"""


@pytest.mark.parametrize("number", range(1, 9))
def test_a_symbol_lights_its_grid_and_its_source_line(deck, number):
    deck.open(number)
    deck.reveal()
    assert deck.page.locator(".formula [data-symbol]").count() > 0
    unlit = deck.page.evaluate(UNLIT)
    assert not unlit, unlit


@pytest.mark.parametrize("number, words", [(6, ["rotated", "as it must be", "backwards"]), (8, ["3,380", "3,425"])])
def test_a_page_does_not_answer_its_question_beforehand(deck, number, words):
    deck.open(number)
    deck.settle()
    deck.page.locator("[data-question]").evaluate("question => question.hidden = true")
    text = deck.page.locator("body").inner_text()
    assert not [word for word in words if word in text]


def test_what_is_right_is_not_told_by_a_border_alone(deck):
    deck.open(1)
    deck.button("Never").click()
    names = deck.page.locator(".guess").all_text_contents()
    assert [name.partition(": ")[2] for name in names[1:]] == ["right", "your guess"], names
    verdict = deck.page.locator(".because")
    assert verdict.evaluate("node => node === document.activeElement")
    assert deck.page.locator("#announcer").text_content() != verdict.text_content(), "said twice"
