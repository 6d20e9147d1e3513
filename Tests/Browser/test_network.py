"""Page 8: the deck's network, and one number followed through it."""

import deck as d


def test_a_number_is_the_sum_of_its_window(deck):
    deck.open(8)
    deck.settle()
    window, kernel = ([float(n) for n in deck.values(name)] for name in ("window", "K"))
    bias, y = (float(deck.values(name)[0]) for name in ("B", "Y-number"))
    assert len(window) == len(kernel) == 9
    assert abs(bias + sum(x * k for x, k in zip(window, kernel)) - y) < 1e-6  # they are written as Float
    # The same number as the engine gives for the whole digit, in Float.
    shown = deck.page.locator('[data-value-of="y"]').inner_text()
    assert abs(d.number(shown) - y) < 1e-3

    deck.cell("Y-number", 0, 0).click()
    card = deck.page.get_by_role("dialog")
    card.wait_for()
    sums = card.locator("td.sum").all_inner_texts()
    assert len(sums) == 10, "a bias and nine products"
    assert sums[-1] == deck.texts("Y-number")[0][0]


def test_another_place_has_another_window(deck):
    deck.open(8)
    deck.settle()
    before = deck.values("window"), deck.values("K")
    deck.page.get_by_label("Map", exact=True).focus()
    deck.page.keyboard.press("ArrowRight")
    d.eventually(lambda: deck.values("K") != before[1], what="another kernel")
    assert deck.values("window") == before[0]
    row = int(deck.page.get_by_label("Row", exact=True).input_value())
    deck.page.get_by_label("Row", exact=True).focus()
    deck.page.keyboard.press("ArrowDown")
    moved = int(deck.page.get_by_label("Row", exact=True).input_value())
    assert moved == row - 1
    column = int(deck.page.get_by_label("Column", exact=True).input_value())
    pixels = deck.values("X")
    wanted = [pixels[(moved + r) * 28 + column + c] for r in range(3) for c in range(3)]
    d.eventually(lambda: deck.values("window") == wanted, what="the window above")


def test_every_traced_number_answers_why(deck):
    deck.open(8)
    deck.settle()
    card = deck.page.get_by_role("dialog")
    for number in deck.page.locator(".trace button").all():
        number.click()
        card.wait_for()
        assert len(card.inner_text()) > 30
        deck.page.keyboard.press("Escape")
    assert deck.page.locator(".trace button").count() == 7
    for name in ("s", "K"):
        deck.cell(name, 0, 0).focus()
        deck.page.keyboard.press("Enter")
        card.wait_for()
        assert ("Drawn" if name == "K" else "bias") in card.inner_text()
        deck.page.keyboard.press("Escape")


def test_every_column_of_the_epochs_answers_why(deck):
    deck.open(9)
    headings = deck.page.locator('table[data-grid="history"] th button')
    assert headings.count() == 5
    headings.first.click()
    assert "mean error" in deck.page.get_by_role("dialog").inner_text()
