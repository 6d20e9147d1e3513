"""What is typed into a cell: taken, or refused in words; never lost without one."""

import pytest

import deck as d


def complaint(deck, name):
    return deck.table(name).locator("xpath=ancestor::figure").locator(".complaint")


@pytest.mark.parametrize("typed, words", [
    ("abc", "“abc” is no number; X, row 0, column 1, stays +6."),
    ("", "An empty cell is no number; X, row 0, column 1, stays +6."),
    ("1e7", "“1e7” is beyond ±1,000,000; X, row 0, column 1, stays +6."),
    ("<b>" + 30 * "x", "“<b>" + 17 * "x" + "…” is no number; X, row 0, column 1, stays +6."),
])
def test_a_cell_that_is_no_number_reverts_and_says_why(deck, typed, words):
    deck.open(1)
    field = deck.cell("X", 0, 1).locator("input")
    field.fill(typed)
    assert field.get_attribute("aria-invalid") == "true"
    assert not complaint(deck, "X").is_visible()  # one may still be typing
    field.press("Tab")
    assert complaint(deck, "X").is_visible() and complaint(deck, "X").inner_text() == words
    assert deck.page.locator("#announcer").inner_text() == words
    assert field.input_value() == "+6" and field.get_attribute("aria-invalid") is None
    assert deck.grid("X") == d.X
    # The next number that is typed takes the words away.
    deck.type("X", [[2]])
    assert not complaint(deck, "X").is_visible()
    deck.shows("X", [[2, 6, 2], *d.X[1:]])


@pytest.mark.parametrize("typed, shown", [
    ("1000000", "+1000000"), ("-1e6", "−1000000"), ("0.0001", "+0.0001"), ("1e-9", "+1e-9"), ("1,5", "+1.5"),
    ("−3", "−3"), ("0.30000000000000004", "+0.30000000000000004"), ("-0", "0"),
])
def test_what_a_field_shows_can_be_typed_again(deck, typed, shown):
    deck.open(1)
    field = deck.cell("X", 0, 1).locator("input")
    field.fill(typed)
    field.press("Tab")
    assert field.input_value() == shown
    value = deck.values("X")[1]
    field.fill(field.input_value())
    field.press("Tab")
    assert not complaint(deck, "X").is_visible()
    assert deck.values("X")[1] == value and field.input_value() == shown
