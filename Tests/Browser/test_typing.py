"""What is typed into a cell: taken, or refused in words; never lost without one."""

import pytest

import deck as d


def field(deck, name, row, column):
    return deck.cell(name, row, column).locator("input")


def complaint(deck):
    """The words that are seen, or nothing; the same words are said."""
    card = deck.page.locator(".complaint")
    seen = card.inner_text() if card.is_visible() else ""
    assert deck.page.locator(".complaint + [role='status']").text_content() == seen
    if seen:
        assert card.evaluate("""card => {
          const {left, top, right, bottom} = card.getBoundingClientRect();
          return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
        }"""), "they are outside of the window"
    return seen


def says(deck, words):
    d.eventually(lambda: complaint(deck) == words, what=words)


@pytest.mark.parametrize("typed, words", [
    ("abc", "“abc” is no number; X, row 0, column 1, stays +6."),
    ("", "An empty cell is no number; X, row 0, column 1, stays +6."),
    ("1e7", "“1e7” is beyond ±1000000; X, row 0, column 1, stays +6."),
    ("<b>" + 30 * "x", "“<b>" + 17 * "x" + "…” is no number; X, row 0, column 1, stays +6."),
])
def test_a_cell_that_is_no_number_reverts_and_says_why(deck, typed, words):
    deck.open(1)
    cell = field(deck, "X", 0, 1)
    cell.fill(typed)
    assert cell.get_attribute("aria-invalid") == "true"
    says(deck, "")  # one may still be typing
    cell.press("Tab")
    says(deck, words)
    assert cell.input_value() == "+6" and cell.get_attribute("aria-invalid") is None
    assert deck.grid("X") == d.X
    # The next number that is typed takes the words away.
    deck.type("X", [[2]])
    says(deck, "")
    deck.shows("X", [[2, 6, 2], *d.X[1:]])


@pytest.mark.parametrize("number, name, leave", [
    (1, "X", lambda deck: field(deck, "X", 0, 0).press("ArrowDown")),
    (1, "X", lambda deck: field(deck, "X", 2, 2).click()),
    (5, "K", lambda deck: field(deck, "K", 1, 1).click()),
    (6, "dY", lambda deck: field(deck, "dY", 1, 1).click()),
], ids=["arrow", "click", "kernel", "gradient"])
def test_the_words_outlast_the_answers(deck, number, name, leave):
    """To leave a cell for another may move the window, and have the whole page computed once more."""
    deck.open(number)
    cell = field(deck, name, 0, 0)
    before = cell.input_value()
    cell.fill("abc")
    leave(deck)
    deck.settle()
    assert complaint(deck).startswith("“abc” is no number; ")
    assert cell.input_value() == before
    # Pressed anywhere, they go.
    deck.page.locator("h1").click()
    says(deck, "")


ABC = "“abc” is no number; X, row 0, column 1, stays +6."


def test_escape_takes_the_words_away(deck):
    deck.open(1)
    field(deck, "X", 0, 1).fill("abc")
    field(deck, "X", 0, 1).press("Tab")
    says(deck, ABC)
    deck.page.keyboard.press("Escape")
    says(deck, "")


def test_enter_says_what_is_wrong_and_asks_nothing(deck):
    """On page 5 Enter in a cell of K says why its gradient is what it is."""
    deck.open(5)
    cell = field(deck, "K", 0, 1)
    cell.fill("abc")
    cell.press("Enter")
    says(deck, "“abc” is no number; K[0, 0], row 0, column 1, stays +2.")
    assert cell.input_value() == "abc" and not deck.page.locator(".why").is_visible()
    cell.fill("3")
    says(deck, "")
    cell.press("Enter")
    deck.page.locator(".why").wait_for()


def test_the_words_stay_with_their_page(deck):
    deck.open(1)
    deck.page.locator('#pages a[href="/3"]').click()
    deck.settle()
    field(deck, "X", 0, 1).fill("abc")
    deck.page.go_back()
    deck.page.wait_for_url("**/1")
    deck.settle()
    assert complaint(deck) == ""


def test_the_words_are_in_the_window_whatever_its_size(deck):
    deck.page.set_viewport_size({"width": 700, "height": 300})
    deck.open(1, "?x=" + "; ".join(["1 2 3 4 5 6"] * 6))
    for row in (0, 5):
        field(deck, "X", row, 1).fill("abc")
        field(deck, "X", row, 2).click()
        says(deck, f"“abc” is no number; X, row {row}, column 1, stays +2.")


def test_the_words_move_nothing_under_the_pointer(deck):
    deck.open(1)
    label = deck.page.locator("label", has_text="same").first
    place = "node => node.getBoundingClientRect().top + scrollY"
    before = label.evaluate(place)
    cell = field(deck, "X", 0, 1)
    cell.fill("abc")
    cell.press("Tab")
    says(deck, ABC)
    assert label.evaluate(place) == before
    cell.fill("abc")
    label.click()
    assert deck.page.get_by_role("radio", name="same", exact=True).is_checked()
    says(deck, ABC)


def test_a_field_keeps_what_is_typed_while_another_window_is_in_front(deck):
    deck.open(1)
    cell = field(deck, "X", 0, 1)
    cell.fill("ab")
    cell.evaluate("field => field.dispatchEvent(new FocusEvent('focusout', {bubbles: true}))")
    assert cell.input_value() == "ab" and complaint(deck) == ""


@pytest.mark.parametrize("typed, shown", [
    ("1000000", "+1000000"), ("-1e6", "−1000000"), ("0.0001", "+0.0001"), ("1e-9", "+1e-9"), ("1,5", "+1.5"),
    ("−3", "−3"), ("0.30000000000000004", "+0.30000000000000004"), ("-0", "0"),
])
def test_what_a_field_shows_can_be_typed_again(deck, typed, shown):
    deck.open(1)
    cell = field(deck, "X", 0, 1)
    cell.fill(typed)
    cell.press("Tab")
    assert cell.input_value() == shown
    value = deck.values("X")[1]
    cell.fill(cell.input_value())
    cell.press("Tab")
    assert complaint(deck) == ""
    assert deck.values("X")[1] == value and cell.input_value() == shown
