"""What axe-core finds, and what it does not look for: the order of headings, and labelled grids."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

import deck as d
import tour

# What has to have a name; in a snapshot a name follows in quotation marks.
ROLES = "- (button|link|textbox|slider|radio|checkbox|table|grid|combobox|spinbutton|dialog|application)"
SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
@pytest.mark.parametrize("number", d.PAGES)
def test_axe_finds_nothing_serious(browser, address, number, look):
    context = browser.new_context(
        viewport={"width": 390 if look == "narrow" else 1280, "height": 900},
        color_scheme="dark" if look == "dark" else "light", reduced_motion="reduce")
    deck = d.Deck(context.new_page(), address)
    deck.open(number)
    deck.reveal()
    tour.prepare(deck, number)
    found = Axe().run(deck.page).response["violations"]
    context.close()
    told = [f"{each['impact']}: {each['id']}: {each['help']}: " + " | ".join(
        node["html"][:160] + " " + node["failureSummary"].replace("\n", " ")[:200] for node in each["nodes"][:3])
        for each in found]
    serious = [text for text in told if text.startswith(SERIOUS)]
    assert not serious, "\n".join(serious)
    for text in told:
        print("\n" + text)


@pytest.mark.parametrize("number", d.PAGES)
def test_headings_follow_on_each_other(deck, number):
    deck.open(number)
    deck.reveal()
    levels = deck.page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6",
        "all => all.filter(h => h.checkVisibility()).map(h => [Number(h.tagName[1]), h.textContent.trim()])")
    assert [level for level, _ in levels].count(1) == 1
    for (before, _), (after, text) in zip(levels, levels[1:]):
        assert after <= before + 1, f"'{text}' is of level {after} after {before}"
        assert text, "an empty heading"


@pytest.mark.parametrize("number", d.PAGES)
def test_everything_has_a_name(deck, number):
    deck.open(number)
    deck.reveal()
    tree = deck.page.locator("body").aria_snapshot()
    nameless = [line.strip() for line in tree.split("\n") if re.match(ROLES + r"(:|$| \[)", line.strip())]
    tables = deck.page.eval_on_selector_all("main table", """tables => tables.filter(table => table.checkVisibility())
      .map(table => table.outerHTML.slice(0, 200))""")
    assert not nameless, (nameless, tables)
    landmarks = deck.page.evaluate("""() => ['main', 'nav, [role=navigation]', 'h1']
      .map(selector => document.querySelectorAll(selector).length)""")
    assert landmarks[0] == 1 and landmarks[1] >= 1 and landmarks[2] == 1, landmarks
    assert deck.page.locator("html").get_attribute("lang")


@pytest.mark.parametrize("number", d.PAGES)
def test_grids_are_labelled_tables(deck, number):
    deck.open(number)
    deck.reveal()
    poor = deck.page.eval_on_selector_all("table[data-grid]", """tables => tables.filter(table => {
      const label = table.getAttribute('aria-label') || table.caption?.textContent
        || document.getElementById(table.getAttribute('aria-labelledby'))?.textContent;
      return !label?.trim() || !table.querySelector('th[scope="col"]');
    }).map(table => table.outerHTML.slice(0, 160))""")
    assert not poor, poor[:5]


def test_signs_are_not_told_by_colour_alone(deck):
    deck.open(1)
    deck.reveal()
    for text in (text for name in ("correlation", "convolution", "rotated") for row in deck.texts(name) for text in row):
        assert text == "0" or text[0] in "+−", text


def test_rows_and_columns_are_read_where_zeros_lie_over_them(deck):
    deck.open(1, "?mode=full")
    heads = [deck.table("X").get_by_role(role).count() for role in ("columnheader", "rowheader")]
    assert heads == [4, 3], heads


def test_the_chosen_one_is_seen_in_forced_colours(browser, address):
    context = browser.new_context(forced_colors="active")
    deck = d.Deck(context.new_page(), address)
    deck.open(1)
    # What the page would like is told, too; what is seen is only what it insists on.
    looks = deck.page.eval_on_selector_all(".segments input:checked + span", """spans => spans.map(span =>
      [getComputedStyle(span).forcedColorAdjust, getComputedStyle(span).backgroundColor])""")
    plain = deck.page.eval_on_selector(".segments", "node => getComputedStyle(node).backgroundColor")
    context.close()
    assert looks and all(adjust == "none" and ground != plain for adjust, ground in looks), looks


@pytest.mark.parametrize("number", [8, 9, 10])
def test_figures_are_not_read_out_at_each_change(deck, number):
    deck.open(number)
    assert deck.page.locator("output[data-value-of], output[data-score]").count() > 0
    assert deck.page.locator('output:not([aria-live="off"])').count() == 0
