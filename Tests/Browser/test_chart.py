"""The axes of page 9's chart, with as few epochs as there may be."""

import pytest

import deck as d


@pytest.mark.parametrize("epochs", [2, 3])
def test_a_short_run_has_axes_that_can_be_read(deck, epochs):
    deck.open(9)
    deck.page.get_by_label("Epochs", exact=True).fill(str(epochs))
    deck.button("Start").click()
    deck.page.locator('[data-run="finished"]').wait_for(timeout=60_000)
    deck.settle()
    ticks = deck.page.locator(".chart .tick").evaluate_all(
        "all => all.map(text => [text.getAttribute('text-anchor'), text.textContent])")
    below = [text for anchor, text in ticks if anchor == "middle"]
    beside = [d.number(text) for anchor, text in ticks if anchor == "end"]
    assert below == [str(epoch) for epoch in range(1, epochs + 1)]
    assert len(beside) >= 2, beside
