"""A link restores a page's exact state."""

import pytest

import deck as d
import tour


def change(deck, number):
    """Leaves traces of several kinds, whatever a page has."""
    deck.reveal()
    tour.prepare(deck, number)
    tour.touch(deck, number)
    deck.settle(40)
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
    deck.settle(40)


@pytest.mark.parametrize("number", d.PAGES)
def test_a_link_restores_the_state(deck, number):
    deck.open(number)
    start = deck.content()
    change(deck, number)
    left = deck.content()
    assert left != start
    other = d.Deck(deck.page.context.new_page(), deck.address)
    other.page.goto(deck.page.url)
    other.settle(40)

    def same():
        found = other.content()
        for part, wanted in zip(found, left):
            differences = [(a, b) for a, b in zip(
                part if isinstance(part, list) else part.split("\n"),
                wanted if isinstance(wanted, list) else wanted.split("\n")) if a != b]
            assert part == wanted, differences[:5]

    d.eventually(same, 10, f"page {number} of {deck.page.url}")


@pytest.mark.parametrize("number", d.PAGES)
def test_a_query_that_makes_no_sense_is_passed_over(deck, number):
    deck.open(number)
    usual = deck.content()
    deck.open(number, "?x=%3Cscript%3E&k=1+2;3&mode=none&step=-5&row=1e9&asked=x:9&class=99&index=-1&digit=%00&ink=%E2%98%83")
    deck.settle(40)
    d.eventually(lambda: deck.content()[2] == usual[2] or len(deck.content()[2]) == len(usual[2]))
    assert deck.alert() == ""
