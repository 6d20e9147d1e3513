"""Page 3: forward, line by line."""

import deck as d

# X[0], X[1] and two kernels of two channels each, with a bias a kernel: worked out by d.correlate.
X = [[[1, 6, 2], [5, 3, 1], [7, 0, 4]], [[0, 1, -2], [2, -1, 3], [1, 1, 0]]]
K = [[[[1, 2], [-1, 0]], [[0, 1], [1, -1]]], [[[2, 0], [0, -1]], [[1, 1], [-2, 3]]]]


def volume(channels):
    return " | ".join("; ".join(" ".join(map(str, row)) for row in channel) for channel in channels)


def test_the_fixture_typed_in(deck):
    deck.open(3)
    deck.reveal()
    deck.type("X", [[9] * 3] * 3)
    deck.type("K", [[9] * 2] * 2)
    deck.type("X", d.X)
    deck.type("K", d.K)
    deck.settle()
    end(deck)
    deck.shows("Y", d.CORRELATION)


def end(deck):
    """To the last step, by the keyboard."""
    deck.page.get_by_role("slider", name="steps done").first.focus()
    deck.page.keyboard.press("End")
    deck.settle()


def start(deck):
    deck.page.get_by_role("slider", name="steps done").first.focus()
    deck.page.keyboard.press("Home")
    deck.settle()


def test_sixteen_steps_and_back_restores_the_page(deck):
    """Each of four outputs takes four products."""
    deck.open(3)
    deck.reveal()
    start(deck)
    words = deck.page.locator(".stepper-words").first
    assert words.inner_text() == "Step 0 of 16"
    pages = []
    for step in range(16):
        pages.append(deck.content())
        deck.press("Step")
        assert words.inner_text() == f"Step {step + 1} of 16"
        if step < 4:  # 1·1, 6·2, 5·(−1), 3·0
            assert deck.grid("Y")[0][0] == [1, 13, 8, 8][step]
    deck.shows("Y", d.CORRELATION)
    for step in reversed(range(16)):
        deck.press("Back")
        assert deck.content() == pages[step], f"step {step}"


def test_the_current_line_is_one_of_the_source(deck):
    deck.open(3)
    deck.reveal()
    start(deck)
    deck.press("Step")
    lines = deck.page.locator("[data-line].is-current")
    assert lines.count() >= 1
    assert any("⋆" in text or "+=" in text or "*" in text for text in lines.all_inner_texts())


def test_several_channels_are_summed(deck):
    deck.open(3, f"?x={volume(X)}&k={' || '.join(volume(kernel) for kernel in K)}")
    deck.reveal()
    end(deck)
    for j in range(2):
        first, second = (d.correlate(X[i], K[j][i]) for i in range(2))
        sums = [[a + b for a, b in zip(*rows)] for rows in zip(first, second)]
        deck.shows("Y", sums, channel=j)


def test_nothing_plays_while_there_is_no_answer_nor_after(broken):
    broken.open(3)
    broken.reveal()
    broken.page.route("**/api/**", lambda route: route.abort())
    broken.type("X", [[2]])
    d.eventually(broken.alert, what="the alert")
    broken.button("Play").press("Enter")
    broken.page.unroute("**/api/**")
    broken.press("Try again")
    broken.page.wait_for_timeout(1000)
    assert broken.page.locator(".stepper-words").first.inner_text() == "Step 0 of 16"


def test_an_answer_to_why_that_comes_late_is_not_shown(deck):
    held = []

    def hold(route):
        body = route.request.post_data_json
        # The four products of Y[0, 0]; the steps of the page itself come in pages of 64.
        if (body["from"], body["count"]) == (0, 4):
            held.append(route)
        else:
            route.continue_()

    deck.page.route("**/api/forward", hold)
    deck.open(3, "?step=16")
    deck.reveal()
    card = deck.page.get_by_role("dialog")
    deck.cell("Y", 0, 0).press("Enter")
    deck.until(lambda: held, what="the question")
    deck.cell("Y", 1, 1).press("Enter")
    card.wait_for()
    held.pop().continue_()
    deck.settle()
    assert "row 1, column 1" in card.get_attribute("aria-label")

    # A number that has changed meanwhile is no longer asked about.
    steps = deck.page.get_by_role("slider", name="steps done").first
    steps.evaluate("range => { range.value = 0; range.dispatchEvent(new Event('input')); }")
    card.wait_for(state="hidden")
    steps.evaluate("range => { range.value = 16; range.dispatchEvent(new Event('input')); }")
    deck.cell("Y", 0, 0).press("Enter")
    deck.until(lambda: held, what="the question")
    steps.evaluate("range => { range.value = 0; range.dispatchEvent(new Event('input')); }")
    held.pop().continue_()
    deck.settle()
    assert card.is_hidden()


def test_the_letters_can_be_switched(deck):
    """The formula counts outputs with j, the deck's code with i."""
    deck.open(3)
    deck.reveal()
    formula = deck.page.locator("main math").first
    assert "".join(formula.text_content().split()).startswith("Yj=Bj")
    deck.choose("deck")
    assert "".join(formula.text_content().split()).startswith("Yi=Bi")
