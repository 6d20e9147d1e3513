"""A link restores a page's exact state."""

import re

import pytest

import deck as d
import tour

# Counts what is written into the address, and throws as Safari does where it is too much.
STRICT = """
  const write = history.replaceState.bind(history);
  let written = 0;
  history.replaceState = (...all) => {
    written += 1;
    if (written > 100) throw new DOMException('more than 100 times', 'SecurityError');
    write(...all);
  };
"""
DRAG = """async (slider, values) => {
  for (const value of values) {
    slider.value = value;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise(go => setTimeout(go, 4));
  }
}"""


def change(deck, number):
    """Leaves traces of several kinds, whatever a page has."""
    deck.reveal()
    tour.prepare(deck, number)
    tour.touch(deck, number)
    deck.settle()
    if number == 1:
        deck.choose("full")
        deck.cell("correlation", 1, 2).click()
    if number == 3:
        for _ in range(3):
            deck.press("Step")
    if number == 5:
        deck.choose("reversed")
        deck.cell("dK", 1, 1).click()
    if number == 6:
        deck.choose("notRotated")
        for button in deck.page.get_by_role("button", name="Step", exact=True).all():
            button.click()
    if number == 8:
        deck.choose("untrained")
    if number == 9:
        deck.page.locator('[data-run="finished"]').wait_for(timeout=60_000)
    deck.settle()


@pytest.mark.parametrize("number", d.PAGES)
def test_a_link_restores_the_state(deck, number):
    deck.open(number)
    start = deck.content()
    change(deck, number)
    left = deck.content()
    assert left != start
    other = d.Deck(deck.page.context.new_page(), deck.address)
    other.page.goto(deck.link())
    other.settle()
    assert notice(other) == ""

    def same():
        found = other.content()
        for part, wanted in zip(found, left):
            differences = [(a, b) for a, b in zip(
                part if isinstance(part, list) else part.split("\n"),
                wanted if isinstance(wanted, list) else wanted.split("\n")) if a != b]
            assert part == wanted, differences[:5]
        return True

    d.eventually(same, what=f"page {number} of {deck.page.url}")


def test_the_address_is_not_written_at_every_move_of_a_drag(deck):
    deck.page.add_init_script(STRICT)
    deck.open(7)
    deck.page.get_by_role("slider", name="x", exact=True).evaluate(DRAG, [n / 20 for n in range(-99, 51)])
    deck.shows("sigmoid", [[0.924]])
    d.eventually(lambda: "x=2.5" in deck.page.evaluate("location.search"), what="the address")


def test_a_change_just_before_the_page_is_turned_is_in_its_address(deck):
    deck.open(7)
    deck.page.get_by_role("slider", name="x", exact=True).evaluate("""slider => {
      for (const x of [2, 3]) {
        slider.value = x;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
      }
      document.querySelector('a[rel="next"]').click();
    }""")
    deck.page.wait_for_url(re.compile(r"/8\b"))
    deck.settle()
    deck.page.go_back()
    deck.page.wait_for_url(re.compile(r"/7\b"))
    deck.shows("x", [[3]])
    assert "x=3" in deck.link()


@pytest.mark.parametrize("number", d.PAGES)
def test_a_query_that_makes_no_sense_is_passed_over(deck, number):
    deck.open(number)
    usual = deck.content()
    deck.open(number, "?x=%3Cscript%3E&k=1+2;3&mode=none&step=-5&row=1e9&asked=x:9&class=99&index=-1&digit=%00&ink=%E2%98%83")
    deck.settle()
    assert deck.alert() == ""
    assert deck.content()[2] == usual[2]


def notice(deck):
    return deck.page.locator("#notice").inner_text()


def test_a_link_to_numbers_that_cannot_be_computed(deck):
    """Page 7 has ŷ from 0 to 1, and says so of anything else: after a reload too."""
    deck.open(7)
    deck.type("p", [[8]])
    d.eventually(lambda: "p[0]" in deck.alert() or "0 to 1" in deck.alert(), what="the alert")
    said = deck.alert()
    other = d.Deck(deck.page.context.new_page(), deck.address)
    other.page.goto(deck.link())
    d.eventually(lambda: other.alert() == said, what="the same alert")
    assert notice(other) == "" and other.grid("p")[0] == [8]
    deck.errors.clear()  # the browser writes a refusal down as an error


@pytest.mark.parametrize("number, query, keys", [
    (3, "?k=1+2;3&step=-5&letters=deck", "k, step"),  # cannot be read
    (3, "?x=1+2;3+4&k=1+2+3;4+5+6;7+8+9", "k"),  # does not fit: the kernel is larger than X
    (4, "?x=1;2;3", "x"),
    (5, "?dY=1+2+3", "dY"),
    (7, "?y=1;0&p=0.5", "y, p"),
    (9, "?mistake=none-such&seed=3", "mistake"),
])
def test_what_the_address_gives_in_vain_is_told(deck, number, query, keys):
    deck.open(number, query)
    assert notice(deck) == f"Not understood in the address: {keys}. The page began with what fits instead."
    deck.page.locator(f'#pages a[href="/{number + 1}"]').click()
    deck.page.wait_for_url(f"**/{number + 1}")
    deck.settle()
    assert notice(deck) == ""
