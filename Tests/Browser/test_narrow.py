"""At 390 pixels, a telephone's width."""

import pytest

import deck as d
import tour

# What reaches beyond the right edge and is not in something that scrolls by itself.
BEYOND = """() => [...document.querySelectorAll('body *')].filter(node => {
  if (!node.checkVisibility() || node.getBoundingClientRect().right <= innerWidth + 1) return false;
  for (let each = node; each && each !== document.body; each = each.parentElement) {
    if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(each).overflowX)) return false;
  }
  return true;
}).map(node => node.outerHTML.slice(0, 120))"""


@pytest.fixture
def narrow(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce", has_touch=True)
    deck = d.Deck(context.new_page(), address)
    yield deck
    context.close()
    assert not deck.errors, deck.errors


@pytest.mark.parametrize("number", d.PAGES)
def test_nothing_scrolls_sideways(narrow, number):
    narrow.open(number)
    narrow.reveal()
    tour.prepare(narrow, number)
    tour.touch(narrow, number)
    narrow.settle()
    width = narrow.page.evaluate("document.documentElement.scrollWidth")
    beyond = narrow.page.evaluate(BEYOND)
    assert width <= 390, (width, beyond[:5])
    assert not beyond, beyond[:5]


@pytest.mark.parametrize("number, name", [(1, "K"), (3, "B"), (5, "dY"), (6, "dY")])
def test_words_about_a_cell_stay_within_the_page(narrow, number, name):
    narrow.open(number)
    for column in (0, 1):
        field = narrow.cell(name, 0, column).locator("input")
        field.fill(20 * "W")
        field.press("Tab")
        assert f"column {column}" in narrow.page.locator(".complaint").inner_text()
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 390
    beyond = narrow.page.evaluate(BEYOND)
    assert not beyond, beyond[:5]


# The most columns that page 1 allows: its X has 14 with the zeros around.
WIDE = ("1?mode=full&x=" + "; ".join(["1 2 3 4 5 6"] * 6) + "&k=" + "; ".join(["1 0 2 0 1"] * 5))


@pytest.mark.parametrize("number", [*d.PAGES, WIDE])
def test_what_is_pressed_is_large_enough(narrow, number):
    """24 by 24 pixels at least (WCAG 2.2, 2.5.8); links in running text are exempt."""
    narrow.open(number)
    narrow.reveal()
    small = narrow.page.evaluate("""() => [...document.querySelectorAll('button, input, select, summary')].filter(node => {
      const target = node.closest('label') ?? (node.labels?.length && ['radio', 'checkbox'].includes(node.type)
        ? node.labels[0] : node);
      const box = target.getBoundingClientRect();
      return node.checkVisibility() && box.width > 0 && (box.width < 24 || box.height < 24);
    }).map(node => node.outerHTML.slice(0, 120))""")
    assert not small, small[:5]
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not narrow.page.evaluate(BEYOND)


def test_touch_draws(narrow):
    narrow.open(10)
    paper = narrow.page.locator("canvas.paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    session = narrow.page.context.new_cdp_session(narrow.page)

    def touch(kind, *points):
        session.send("Input.dispatchTouchEvent", {
            "type": kind, "touchPoints": [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]})

    touch("touchStart", (140, 60))
    for y in range(68, 221, 8):
        touch("touchMove", (140, y))
    touch("touchEnd")
    d.eventually(lambda: narrow.page.locator('output[data-value-of="label"]').inner_text() == "1")


@pytest.mark.parametrize("number, name", [(1, "correlation"), (3, "Y"), (4, "y"), (5, "dK"), (6, "dX")])
def test_why_shows_its_sum(deck, narrow, number, name):
    for each in (deck, narrow):
        each.open(number, "?step=16" if number == 3 else "")
        each.reveal()
        each.cell(name, 0, 0).first.press("Enter")
        card = each.page.get_by_role("dialog")
        card.wait_for()
        assert card.locator(".products").evaluate("table => table.scrollWidth <= table.clientWidth"), "it is cut off"
