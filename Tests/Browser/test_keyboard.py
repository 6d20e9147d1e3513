"""The whole tour by keyboard alone."""

import pytest

import deck as d

# What can be operated, is seen, and is not a member of a group that the arrows go through.
WANTED = """() => {
  const groups = new Set();
  return [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]')].filter(node => {
    if (node.disabled || node.tabIndex < 0 || !node.checkVisibility({visibilityProperty: true})) return false;
    if (node.type !== 'radio') return true;
    const isFirst = !groups.has(node.name);
    groups.add(node.name);
    return isFirst;
  }).map(node => (node.dataset.reached = String(Math.random()), node.outerHTML.slice(0, 120)));
}"""

# Where the focus is: what it is on, and whether that is seen. What a focus changes is compared with the same without it.
FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const look = () => [node, node.parentElement, node.nextElementSibling].filter(Boolean).map(each => {
    const style = getComputedStyle(each);
    return [style.outlineStyle === 'none' ? '' : style.outline, style.boxShadow, style.borderColor,
            style.backgroundColor, style.textDecoration].join();
  }).join();
  const box = node.getBoundingClientRect();
  const mark = node.type === 'radio' ? `radio ${node.name}` : node.dataset.reached ?? node.outerHTML.slice(0, 120);
  const focused = look();
  return {mark, html: node.outerHTML.slice(0, 120), focused,
          isOnScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth};
}"""
UNFOCUSED = """mark => {
  const node = document.activeElement;
  node.blur();
  const look = [node, node.parentElement, node.nextElementSibling].filter(Boolean).map(each => {
    const style = getComputedStyle(each);
    return [style.outlineStyle === 'none' ? '' : style.outline, style.boxShadow, style.borderColor,
            style.backgroundColor, style.textDecoration].join();
  }).join();
  node.focus({preventScroll: true});
  return look;
}"""
MOST = 400


@pytest.mark.parametrize("number", d.PAGES)
def test_tab_reaches_everything_and_the_focus_is_seen(deck, number):
    deck.open(number)
    deck.reveal()
    deck.page.reload()  # The question stays answered, and Tab begins at the top.
    deck.settle()
    wanted = deck.page.evaluate(WANTED)
    assert wanted
    reached, unseen = set(), []
    for _ in range(MOST):
        deck.page.keyboard.press("Tab")
        now = deck.page.evaluate(FOCUSED)
        if now is None or now["mark"] in reached:
            break
        reached.add(now["mark"])
        if not now["isOnScreen"]:
            unseen.append(f"off the screen: {now['html']}")
        elif deck.page.evaluate(UNFOCUSED, now["mark"]) == now["focused"]:
            unseen.append(f"no visible focus: {now['html']}")
    else:
        raise AssertionError("the focus never comes to an end")
    missed = deck.page.evaluate("""reached => [...document.querySelectorAll('[data-reached]')].filter(node =>
      node.type === 'radio' ? !reached.includes(`radio ${node.name}`) : !reached.includes(node.dataset.reached))
      .map(node => node.outerHTML.slice(0, 120))""", list(reached))
    assert not missed, f"Tab does not reach {missed[:5]}"
    assert not unseen, unseen[:5]


def focus(deck, locator):
    """Tabs until the focus is there."""
    for _ in range(MOST):
        if locator.evaluate("node => node === document.activeElement || node.contains(document.activeElement)"):
            return
        deck.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {locator}")


def test_a_tour_without_a_mouse(deck):
    keyboard = deck.page.keyboard
    deck.open(1)
    # A question, a number typed, arrows through a grid, and "why this number?"
    focus(deck, deck.page.get_by_role("button", name="Show me", exact=True))
    keyboard.press("Enter")
    deck.settle()
    deck.page.evaluate("document.activeElement.blur()")
    focus(deck, deck.table("X"))
    keyboard.press("ArrowRight")
    keyboard.type("7")
    deck.shows("correlation", d.correlate([[1, 7, 2], *d.X[1:]], d.K))
    focus(deck, deck.table("correlation"))
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    deck.page.get_by_role("dialog").wait_for()
    keyboard.press("Escape")
    assert deck.table("correlation").evaluate("table => table.contains(document.activeElement)"), "the place is lost"

    for number in range(2, 11):
        focus(deck, deck.page.locator('a[rel="next"]'))
        keyboard.press("Enter")
        deck.page.wait_for_url(f"**/{number}")
        deck.settle()
        if number == 3:
            focus(deck, deck.page.get_by_role("button", name="Step", exact=True))
            words = deck.page.locator(".stepper-words").first.inner_text()
            keyboard.press("Enter")
            d.eventually(lambda: deck.page.locator(".stepper-words").first.inner_text() != words)
            keyboard.press("ArrowLeft")
            d.eventually(lambda: deck.page.locator(".stepper-words").first.inner_text() == words)
        if number == 9:
            focus(deck, deck.page.get_by_label("Epochs", exact=True))
            keyboard.press("Control+a")
            keyboard.type("2")
            focus(deck, deck.button("Start"))
            keyboard.press("Enter")
            deck.page.locator('[data-run="finished"]').wait_for(timeout=60_000)
    focus(deck, deck.page.locator("canvas.paper"))
    keyboard.press("Space")
    for _ in range(18):
        keyboard.press("ArrowDown")
    keyboard.press("Space")
    d.eventually(lambda: deck.page.locator('output[data-value-of="label"]').inner_text() == "1")


def test_steps_are_announced(deck):
    deck.open(3)
    deck.reveal()
    deck.press("Step")
    speaker = deck.page.locator("[aria-live], [role=status]").filter(has_text="Step 1 of 16")
    d.eventually(lambda: speaker.count() >= 1, what="the announcement")


@pytest.mark.parametrize("number, name, words", [
    (4, "x", "y is"), (7, "x", "σ(3) ="), (7, "p", "E is"), (8, None, "Read as")])
def test_what_has_changed_is_announced_and_nothing_before(deck, number, name, words):
    deck.open(number)
    deck.settle()
    deck.page.wait_for_timeout(700)
    speaker = deck.page.locator("#announcer")
    assert speaker.text_content() == ""
    if name:
        deck.cell(name, 0, 0).locator("input").fill("3" if name == "x" else "0.5")
    else:
        deck.page.get_by_label("Hidden number").press("ArrowRight")
    d.eventually(lambda: words in speaker.text_content(), what=words)


def test_nothing_moves_where_motion_is_not_wanted(deck):
    for number in d.PAGES:
        deck.open(number)
        longest = deck.page.evaluate("""() => Math.max(0, ...[...document.querySelectorAll('*')].map(node => {
          const style = getComputedStyle(node);
          return Math.max(...`${style.transitionDuration},${style.animationDuration}`.split(',').map(parseFloat));
        }))""")
        assert longest <= 0.01, f"page {number} has a transition of {longest} s"
