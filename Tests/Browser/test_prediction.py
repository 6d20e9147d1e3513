"""Page 10: what the trained network says of what is drawn."""

import math

import deck as d
import picture

CENTRE = (120, 140)


def stroke(deck, points):
    """Draws one stroke with the mouse, in the paper's own pixels."""
    paper = deck.page.locator("canvas.paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    left, top = (box["x"] + paper.evaluate("c => c.clientLeft"), box["y"] + paper.evaluate("c => c.clientTop"))
    mouse = deck.page.mouse
    for number, (x, y) in enumerate(points):
        mouse.move(left + x, top + y)
        if number == 0:
            mouse.down()
    mouse.up()
    deck.settle(40)


def ring(right=0):
    return [(CENTRE[0] + right + round(50 * math.cos(angle)), CENTRE[1] + round(70 * math.sin(angle)))
            for angle in (step * math.pi / 24 for step in range(49))]


def output(deck, name):
    return deck.page.locator(f'output[data-value-of="{name}"]').first.inner_text()


def label(deck, wanted):
    d.eventually(lambda: output(deck, "label") == wanted, 30, f"the label {wanted}")


def test_a_ring_is_zero_and_moved_by_40_pixels_the_same_784_numbers(deck):
    deck.open(10)
    stroke(deck, ring())
    label(deck, "0")
    numbers, texts = deck.values("X"), deck.texts("X")
    assert len(numbers) == 784 and len(set(numbers)) > 10
    deck.press("Clear")
    assert set(deck.values("X")) == {None}
    stroke(deck, ring(right=40))
    label(deck, "0")
    assert deck.values("X") == numbers
    assert deck.texts("X") == texts
    assert d.number(output(deck, "confidence")) > 0.5


def test_a_stroke_is_one(deck):
    deck.open(10)
    stroke(deck, [(140, y) for y in range(60, 221, 8)])
    label(deck, "1")


def test_blank_paper_is_no_number(broken):
    broken.open(10)
    broken.button("Predict").click()
    d.eventually(lambda: "draw something" in broken.page.locator("main").inner_text().lower()
                 or "draw something" in broken.alert().lower(), 30)
    assert output(broken, "label") == d.DASH
    assert output(broken, "confidence") == d.DASH
    assert set(broken.values("X")) == {None}


def test_white_on_black_reads_the_same(deck):
    deck.open(10)
    stroke(deck, ring())
    label(deck, "0")
    numbers = deck.values("X")
    deck.choose("black")
    deck.settle(40)
    label(deck, "0")
    assert deck.values("X") == numbers


def test_an_uploaded_picture_off_its_centre_is_read(deck):
    deck.open(10)
    deck.page.locator('input[type="file"]').set_input_files(
        {"name": "ring.png", "mimeType": "image/png", "buffer": picture.ring(200, 120, 40, 45)})
    label(deck, "0")


def test_a_file_that_is_no_picture_is_refused_in_words(broken):
    broken.open(10)
    broken.page.locator('input[type="file"]').set_input_files(
        {"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"})
    d.eventually(lambda: broken.alert() or "PNG" in broken.page.locator('[role="status"]').first.inner_text(), 20)
    assert output(broken, "label") == d.DASH


def test_a_seven_gets_an_answer_that_the_page_warns_of(deck):
    deck.open(10)
    deck.press("A seven")
    d.eventually(lambda: output(deck, "label") in ("0", "1"), 30)
    assert 0 <= d.number(output(deck, "sum")) <= 2


def test_an_untrained_network_gives_other_scores(deck):
    deck.open(10)
    stroke(deck, ring())
    label(deck, "0")
    scores = [deck.page.locator(f'output[data-score="{n}"]').first.inner_text() for n in (0, 1)]
    deck.choose("untrained")
    deck.settle(40)
    d.eventually(lambda: [deck.page.locator(f'output[data-score="{n}"]').first.inner_text() for n in (0, 1)] != scores)


def test_the_mistakes_of_the_test_set_stand_there_or_it_is_said_that_there_is_none(deck):
    deck.open(10)
    d.eventually(lambda: output(deck, "mistakes") != d.DASH, 30)
    wrong = int(d.number(output(deck, "mistakes")))
    assert deck.names().count("mistake") == min(wrong, 24)
    assert d.number(output(deck, "tested")) > 100


def test_a_mistake_that_was_picked_is_in_the_address(deck):
    deck.open(10, "?network=untrained")
    d.eventually(lambda: output(deck, "mistakes") != d.DASH, 30)
    deck.page.locator("button.picture").nth(3).click()
    deck.settle()
    d.eventually(lambda: output(deck, "label") != d.DASH, 20)
    assert deck.values("X") == deck.values("mistake", 3)
    other = d.Deck(deck.page.context.new_page(), deck.address)
    other.page.goto(deck.page.url)
    d.eventually(lambda: output(other, "label") != d.DASH, 30)
    assert other.values("X") == deck.values("X")
    # The trained network reads it rightly, and so cannot show it among its mistakes.
    link = deck.page.url.replace("network=untrained&", "").replace("&network=untrained", "")
    assert link != deck.page.url
    other.page.goto(link)
    d.eventually(lambda: "none of the mistakes" in other.page.locator("main").inner_text(), 30)
    assert output(other, "label") == d.DASH
