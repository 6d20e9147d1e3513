"""Pages 5 and 6: the three gradients, right and with the classic mistakes."""

import pytest

import deck as d


def type_fixture(deck, page):
    deck.open(page)
    deck.reveal()
    for name, numbers in (("X", d.X), ("K", d.K), ("dY", d.G)):
        deck.type(name, [[9] * len(numbers[0])] * len(numbers))
        deck.type(name, numbers)
    deck.settle()


def test_kernel_and_bias_gradients_of_the_fixture(deck):
    type_fixture(deck, 5)
    deck.shows("dK", d.DK)
    assert deck.passes("dK") <= 1e-6
    assert deck.passes("dB") <= 1e-6
    deck.choose("perChannel")
    deck.shows("dB", [[d.TIED_DB]])
    assert deck.passes("dB") <= 1e-6
    deck.choose("perPosition")
    deck.shows("dB", d.G)
    assert deck.passes("dB") <= 1e-6


def test_the_finite_difference_stands_beside_the_gradient(deck):
    type_fixture(deck, 5)
    for row, wanted in zip(deck.grid("dK-measured"), d.DK):
        for found, right in zip(row, wanted):
            assert abs(found - right) <= 1e-2, (found, right)


def test_arguments_reversed_give_the_wrong_kernel_gradient_and_fail(deck):
    type_fixture(deck, 5)
    deck.choose("reversed")
    deck.shows("dK", d.DK_REVERSED)
    assert deck.fails("dK") > 0.1
    deck.choose("none")
    deck.shows("dK", d.DK)
    deck.passes("dK")


def test_a_weight_shows_the_window_that_it_met(deck):
    type_fixture(deck, 5)
    deck.cell("dK", 1, 0).click()
    deck.settle()
    window = deck.table("X").locator("xpath=ancestor::figure").locator(".window")
    place = window.evaluate(
        "w => ['row', 'column', 'rows', 'columns'].map(k => Number(w.style.getPropertyValue('--' + k)))")
    assert place == [1, 0, 2, 2]


def test_a_gradient_of_zero_gives_zeros(deck):
    type_fixture(deck, 5)
    deck.type("dY", [[0, 0], [0, 0]])
    deck.shows("dK", [[0, 0], [0, 0]])
    deck.passes("dK")


def test_scattering_and_gathering_give_the_input_gradient(deck):
    type_fixture(deck, 6)
    deck.shows("scattering", d.DX)
    deck.shows("gathering", d.DX)
    assert deck.passes("dX") <= 1e-6
    for stepper in ("Scatter", "Gather"):
        deck.page.get_by_role("group", name=stepper, exact=True).get_by_role("slider").focus()
        deck.page.keyboard.press("End")
        deck.settle()
    deck.shows("scattered", d.DX)
    deck.shows("gathered", d.DX)


def test_scattering_and_gathering_agree_for_other_numbers_too(deck):
    deck.open(6, "?x=1 2 0 -1; 3 -2 1 1; 0 4 -3 2; 1 0 1 5&k=2 -1 0; 1 3 -2; 0 1 1")
    deck.reveal()
    scattering = deck.grid("scattering")
    assert len(scattering) >= 3
    assert scattering == deck.grid("gathering")
    deck.passes("dX")


def test_a_kernel_that_is_not_rotated_gives_the_wrong_input_gradient_and_fails(deck):
    type_fixture(deck, 6)
    deck.choose("notRotated")
    deck.shows("dX", d.DX_NOT_ROTATED)
    assert deck.fails("dX") > 0.1
    deck.choose("none")
    deck.shows("dX", d.DX)
    deck.passes("dX")


def test_with_the_planted_mistake_the_parts_stay_right_and_the_wrong_number_is_said_to_be_wrong(deck):
    deck.open(6)
    deck.reveal()
    deck.press("Two channels, two kernels")
    parts = [deck.grid("part", n) for n in range(4)]
    deck.cell("dX", 1, 1).click()
    card = deck.page.get_by_role("dialog")
    card.wait_for()
    # The middle lies in four windows, each with two kernels.
    assert card.locator("tbody tr:not(.is-padding)").count() == 8
    assert "8," not in card.inner_text() and "planted" not in card.inner_text()
    deck.page.keyboard.press("Escape")
    deck.choose("notRotated")
    deck.fails("dX")
    assert [deck.grid("part", n) for n in range(4)] == parts
    deck.cell("dX", 1, 1).click()
    d.eventually(lambda: "A mistake is planted" in card.inner_text(), what="the warning")


def test_borders_do_not_get_fewer_terms_of_every_kernel(deck):
    deck.open(6)
    deck.reveal()
    text = deck.page.locator("main")
    d.eventually(lambda: "Borders get fewer terms" in text.inner_text())
    deck.open(6, "?asked=rotation:1&k=2&dY=1 2 3; 4 5 6; 7 8 9")
    d.eventually(lambda: "as many terms as the middle" in text.inner_text())
    assert "Borders get fewer terms" not in text.inner_text()


def test_a_step_of_each_animation_and_back(deck):
    type_fixture(deck, 6)
    for stepper in ("Scatter", "Gather"):
        group = deck.page.get_by_role("group", name=stepper, exact=True)
        group.get_by_role("slider").focus()
        deck.page.keyboard.press("Home")
        deck.settle()
        before = deck.content()
        group.get_by_role("button", name="Step", exact=True).click()
        deck.settle()
        assert deck.content() != before
        group.get_by_role("button", name="Back", exact=True).click()
        deck.settle()
        after = deck.content()
        assert after[1:] == before[1:]


@pytest.mark.parametrize("number, query, mistake, name", [
    (5, "?x=1+1+1%3B+1+1+1%3B+1+1+1&dY=1+0%3B+0+1", "reversed", "dK"), (6, "?k=1+2%3B+2+1", "notRotated", "dX")])
def test_a_mistake_that_cannot_be_seen_is_not_said_to_be_told_by_the_check(deck, number, query, mistake, name):
    deck.open(number, query)
    deck.reveal()
    deck.choose(mistake)
    deck.passes(name)
    text = deck.page.locator("main").inner_text()
    assert "nobody can see it" in text and "Only the check tells" not in text
