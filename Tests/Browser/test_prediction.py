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
    deck.settle()


def ring(right=0):
    return [(CENTRE[0] + right + round(50 * math.cos(angle)), CENTRE[1] + round(70 * math.sin(angle)))
            for angle in (step * math.pi / 24 for step in range(49))]


def output(deck, name):
    return deck.page.locator(f'output[data-value-of="{name}"]').first.inner_text()


def label(deck, wanted):
    d.eventually(lambda: output(deck, "label") == wanted, what=f"the label {wanted}")


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
    deck.settle()
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
    d.eventually(lambda: broken.alert() or broken.page.locator('[role="status"]', has_text="PNG").count())
    assert output(broken, "label") == d.DASH


def test_a_seven_gets_an_answer_that_the_page_warns_of(deck):
    deck.open(10)
    deck.press("A seven")
    d.eventually(lambda: output(deck, "label") in ("0", "1"))
    assert 0 <= d.number(output(deck, "sum")) <= 2


def asked_of(deck, path, key):
    """What all requests to a path say under a key, as they come."""
    found = []
    deck.page.on("request", lambda request: request.url.endswith(path) and found.append(request.post_data_json[key]))
    return found


def test_a_drawing_outlives_a_failure(broken):
    broken.open(10)
    # A digit was chosen before: after a failure it is asked for again, but was not chosen again.
    broken.press("Read this digit")
    label(broken, "0")
    broken.page.route("**/api/**", lambda route: route.abort())
    broken.button("A stroke").click()
    d.eventually(broken.alert, what="the alert")
    broken.page.unroute("**/api/**")
    broken.press("Try again")
    broken.settle()
    label(broken, "1")
    assert "from=digit" not in broken.link() and "ink=" in broken.link()


def test_a_digit_that_comes_late_does_not_replace_a_drawing(deck):
    held = []
    deck.open(10)
    deck.page.route("**/api/digits?*", lambda route: held.append(route))
    deck.button("Read this digit").click()
    deck.until(lambda: held, what="the digit is asked for")
    deck.button("A stroke").click()
    label(deck, "1")
    held.pop().continue_()
    deck.settle()
    label(deck, "1")
    assert "from=digit" not in deck.link()


def test_another_network_reads_what_the_first_had_not_answered_yet(deck):
    asked, held = asked_of(deck, "/api/predict", "run"), []
    deck.open(10)
    d.eventually(lambda: output(deck, "mistakes") != d.DASH)
    deck.page.route("**/api/predict", lambda route: held.append(route))
    deck.page.route("**/api/runs/untrained/mistakes*", lambda route: held.append(route))
    deck.button("A ring").click()
    deck.until(lambda: asked == ["trained"], what="the first question")
    deck.page.locator('input[type="radio"][value="untrained"]').check(force=True)
    deck.until(lambda: asked == ["trained", "untrained"], what="the second question")
    assert output(deck, "mistakes") == d.DASH and deck.names().count("mistake") == 0, "the other network's mistakes"
    deck.until(lambda: len(held) == 3, what="three questions")
    for route in held[1:]:
        route.continue_()
    d.eventually(lambda: output(deck, "label") != d.DASH)


def test_after_a_failure_the_network_that_was_chosen_since_is_asked(broken):
    broken.open(10)
    broken.page.route("**/api/**", lambda route: route.abort())
    broken.button("A ring").click()
    d.eventually(broken.alert, what="the alert")
    broken.page.locator('input[type="radio"][value="untrained"]').check(force=True)
    broken.page.unroute("**/api/**")
    asked = asked_of(broken, "/api/predict", "run")
    broken.press("Try again")
    d.eventually(lambda: output(broken, "label") != d.DASH)
    assert set(asked) == {"untrained"}


def test_a_picture_that_is_read_slowly_does_not_cover_a_drawing(deck):
    deck.open(10)
    deck.page.evaluate("""() => {
      const read = createImageBitmap;
      window.createImageBitmap = async file => {
        await new Promise(go => { window.goOn = go; });
        return read(file);
      };
    }""")
    deck.page.locator('input[type="file"]').set_input_files(
        {"name": "ring.png", "mimeType": "image/png", "buffer": picture.ring(200, 120, 40, 45)})
    d.eventually(lambda: deck.page.evaluate("'goOn' in window"), what="the picture is being read")
    deck.button("A stroke").click()
    label(deck, "1")
    paper = deck.page.locator("canvas.paper")
    drawing = paper.evaluate("canvas => canvas.toDataURL()")
    deck.page.evaluate("goOn()")
    deck.page.wait_for_timeout(300)
    deck.settle()
    label(deck, "1")
    assert paper.evaluate("canvas => canvas.toDataURL()") == drawing


def test_a_drawing_at_one_side_can_be_moved_along_it(deck):
    deck.open(10)
    stroke(deck, [(4, y) for y in range(100, 221, 8)])
    label(deck, "1")
    before = deck.link()
    deck.press("Move up by 20 pixels")
    assert deck.link() != before
    before = deck.link()
    deck.press("Move left by 20 pixels")
    assert "no more room" in deck.page.locator("main").inner_text()
    assert deck.link() == before


def test_an_untrained_network_gives_other_scores(deck):
    deck.open(10)
    stroke(deck, ring())
    label(deck, "0")
    scores = [deck.page.locator(f'output[data-score="{n}"]').first.inner_text() for n in (0, 1)]
    deck.choose("untrained")
    deck.settle()
    d.eventually(lambda: [deck.page.locator(f'output[data-score="{n}"]').first.inner_text() for n in (0, 1)] != scores)


def test_the_mistakes_of_the_test_set_stand_there_or_it_is_said_that_there_is_none(deck):
    deck.open(10)
    d.eventually(lambda: output(deck, "mistakes") != d.DASH)
    wrong = int(d.number(output(deck, "mistakes")))
    assert deck.names().count("mistake") == min(wrong, 24)
    assert d.number(output(deck, "tested")) > 100


def test_a_mistake_that_was_picked_is_in_the_address(deck):
    deck.open(10, "?network=untrained")
    d.eventually(lambda: output(deck, "mistakes") != d.DASH)
    deck.page.locator("button.picture").nth(3).click()
    deck.settle()
    d.eventually(lambda: output(deck, "label") != d.DASH)
    assert deck.values("X") == deck.values("mistake", 3)
    other = d.Deck(deck.page.context.new_page(), deck.address)
    other.page.goto(deck.link())
    d.eventually(lambda: output(other, "label") != d.DASH)
    assert other.values("X") == deck.values("X")
    # The trained network reads it rightly, and so cannot show it among its mistakes.
    link = deck.page.url.replace("network=untrained&", "").replace("&network=untrained", "")
    assert link != deck.page.url
    other.page.goto(link)
    d.eventually(lambda: "none of the mistakes" in other.page.locator("main").inner_text())
    assert output(other, "label") == d.DASH


def test_what_one_network_said_does_not_stand_beside_anothers_name(broken):
    broken.open(10)
    broken.press("A ring")
    label(broken, "0")
    held = []
    broken.page.route("**/api/predict", lambda route: held.append(route))
    broken.page.locator('input[type="radio"][value="untrained"]').check(force=True)
    broken.until(lambda: held, what="the question to the other network")
    assert output(broken, "label") == d.DASH and set(broken.values("X")) == {None}
    held.pop().continue_()
    d.eventually(lambda: output(broken, "label") != d.DASH)
    assert "784 numbers" not in broken.page.locator("main").inner_text()
