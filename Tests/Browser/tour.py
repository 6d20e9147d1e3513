"""What a visitor does on each page, for the tests that go through all of them."""

import deck as d


def prepare(deck, number):
    """Brings a page to where it shows numbers: those that show none until something is done."""
    if number == 9:
        deck.page.get_by_label("Epochs", exact=True).fill("2")
        deck.button("Start").click()
        deck.page.locator('[data-run="finished"]').wait_for(timeout=60_000)
        deck.settle()
    if number == 10:
        deck.press("A ring")
        d.eventually(lambda: set(deck.values("X")) != {None})
    deck.settle()


def touch(deck, number):
    """Changes something that asks the server anew."""
    if number in (1, 3, 5, 6):
        type_three(deck, "X")
    elif number == 4:
        type_three(deck, "x")
    elif number in (2, 7):
        slider = deck.page.locator('main input[type="range"]').first
        slider.focus()
        deck.page.keyboard.press("ArrowRight")
        deck.page.keyboard.press("ArrowRight")
    elif number == 8:
        deck.page.get_by_label("Which of them").focus()
        deck.page.keyboard.press("ArrowRight")
    elif number == 9:
        deck.button("Start").click()
    elif number == 10:
        deck.button("A stroke").click()


def type_three(deck, name):
    field = deck.cell(name, 0, 0).locator("input")
    field.fill("3")
    field.press("Tab")


def everything(deck):
    """The whole tour: every page, with its question answered, its numbers shown and something changed."""
    for number in d.PAGES:
        deck.open(number)
        deck.reveal()
        prepare(deck, number)
        touch(deck, number)
        deck.settle()
        if number == 9:
            deck.page.locator('[data-run="finished"]').wait_for(timeout=60_000)
        yield number
