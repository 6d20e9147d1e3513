"""Page 1: cross-correlation beside convolution."""

import pytest

import deck as d


def test_the_fixture_typed_in(deck):
    deck.open(1)
    deck.reveal()
    deck.type("X", [[9] * 3] * 3)
    deck.type("K", [[9] * 2] * 2)
    deck.shows("correlation", [[324] * 2] * 2)
    deck.type("X", d.X)
    deck.type("K", d.K)
    deck.shows("correlation", d.CORRELATION)
    deck.shows("convolution", d.CONVOLUTION)
    deck.shows("rotated", [[0, -1], [2, 1]])


@pytest.mark.parametrize("mode", ["valid", "same", "full"])
def test_every_mode(deck, mode):
    x = [[3, -1, 4, 1], [-5, 9, 2, -6], [5, 3, -5, 8], [9, 7, -9, 3]]
    k = [[2, 7, -1], [8, -2, 8], [1, 8, -2]]
    rows = lambda matrix: "; ".join(" ".join(map(str, row)) for row in matrix)
    deck.open(1, f"?x={rows(x)}&k={rows(k)}")
    deck.reveal()
    deck.choose(mode)
    deck.shows("correlation", d.correlate(x, k, mode))
    deck.shows("convolution", d.correlate(x, [row[::-1] for row in k[::-1]], mode))


def test_signs_are_printed_and_zero_has_none(deck):
    deck.open(1)
    deck.reveal()
    assert deck.texts("rotated") == [["0", "−1"], ["+2", "+1"]]


def test_a_symmetric_kernel_gives_equal_outputs_and_says_why(deck):
    deck.open(1)
    deck.reveal()
    deck.press("A symmetric kernel")
    assert deck.grid("correlation") == deck.grid("convolution")
    assert "the same kernel" in deck.page.locator("main").inner_text()


def test_equal_by_chance_is_not_called_equal_for_every_x(deck):
    deck.open(1, "?mode=same&x=0 0; 0 0&k=1 1; 1 1&asked=turn:1")
    verdict = deck.page.locator("p.verdict")
    assert "no middle" in verdict.inner_text() and "every X" not in verdict.inner_text()
    deck.open(1, "?x=0 0; 0 0&k=1 2; 3 4&asked=turn:1")
    assert "not for every X" in verdict.inner_text()


def test_an_edge_kernel_flips_the_sign(deck):
    deck.open(1)
    deck.reveal()
    deck.press("An edge kernel")
    correlation = deck.grid("correlation")
    assert any(any(row) for row in correlation)
    assert deck.grid("convolution") == [[-n for n in row] for row in correlation]
    assert "opposite sign" in deck.page.locator("main").inner_text()


def test_a_kernel_larger_than_x_is_refused_in_words_and_comes_back(broken):
    broken.open(1)
    broken.reveal()
    broken.press("A kernel larger than X")
    assert {text for row in broken.texts("correlation") for text in row} == {d.DASH}
    assert "larger" in broken.alert()
    broken.choose("full")
    assert broken.alert() == ""
    assert len(broken.grid("correlation")) == 4


def test_why_this_number(deck):
    deck.open(1)
    deck.reveal()
    deck.cell("correlation", 0, 1).focus()
    deck.page.keyboard.press("Enter")
    card = deck.page.get_by_role("dialog")
    card.wait_for()
    text = card.inner_text()
    # 6·1 + 2·2 + 3·(−1) + 1·0
    for part in ("+6", "+4", "−3", "+10", "+7"):
        assert part in text, text
    deck.page.keyboard.press("Escape")
    card.wait_for(state="hidden")


def test_what_makes_no_number_changes_nothing(deck):
    deck.open(1)
    deck.reveal()
    field = deck.cell("X", 0, 0).locator("input")
    for text in ("x", "", "1e9", "--1"):
        field.fill(text)
        field.press("Tab")
        deck.settle()
        deck.shows("correlation", d.CORRELATION)
        deck.shows("X", d.X)
