"""The living deck as the tests see it: pages, grids, checks and buttons, by their stable handles alone."""

import os
import re
import time
from decimal import ROUND_HALF_UP, Decimal

# The one fixture that can be checked by hand. Its numbers come from SciPy and from a pencil.
X = [[1, 6, 2], [5, 3, 1], [7, 0, 4]]
K = [[1, 2], [-1, 0]]
G = [[1, 0], [2, -1]]  # dE/dY
CORRELATION = [[8, 7], [4, 5]]
CONVOLUTION = [[7, 5], [11, 3]]
DK = [[8, 11], [19, -1]]
DX = [[1, 2, 0], [1, 3, -2], [-2, 1, 0]]
TIED_DB = 2
DK_REVERSED = [[-1, 19], [11, 8]]  # the classic mistake: the arguments the other way round
DX_NOT_ROTATED = [[0, -1, 0], [2, -1, 1], [4, 0, -1]]  # the other one: the kernel as it is

PAGES = range(1, 11)
# How many seconds a page has to come to what is expected: plenty, for a machine may stall. Mutants are waited for less.
PATIENCE = float(os.environ.get("PATIENCE", 40))
DASH = "—"
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

# Whatever shows a number that the server has worked out.
COMPUTED = ", ".join([
    "table[data-grid] td[data-row]:not(:has(input))", "td[data-field]", "[data-computed]", "output[data-value-of]",
    "output[data-score]", "[data-check] .figure", ".products td:nth-child(5)", ".products td.sum",
    ".legend-ends span:not(:nth-child(2))", ".stepper-words .figure", ".facts:not(.scores) dd", ".chart table td"])

# Reads all cells of a grid in one go; an editable cell's text is what its field holds.
READ_GRID = """table => [...table.querySelectorAll('[data-row][data-column]')].map(cell => {
  const field = cell.querySelector('input');
  return [Number(cell.dataset.row), Number(cell.dataset.column), (field ? field.value : cell.textContent).trim()];
})"""


def number(text):
    """The number that a text shows: signs, thousands, per cent and powers of ten as the deck prints them."""
    text = text.strip().replace("−", "-").replace("+", "").replace(",", "").replace("\u202f", "")
    if text in ("∞", "-∞", "not a number"):
        return float(text.replace("∞", "inf").replace("not a number", "nan"))
    power = re.fullmatch(r"(-?)(?:([\d.]+)[·×])?10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", text)
    if power:
        return float(power[1] + (power[2] or "1")) * 10.0 ** int(power[3].translate(SUPERSCRIPTS))
    if text.endswith("%"):
        return float(text[:-1]) / 100
    return float(text)


def rounded(value, decimals):
    """As a browser rounds: the exact value, and halves away from zero."""
    text = str(Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    return text.rstrip("0").rstrip(".") if "." in text else text


def power(magnitude, decimals):
    exponent = Decimal(magnitude).adjusted()
    mantissa = rounded(Decimal(magnitude).scaleb(-exponent), decimals)
    if mantissa == "10":
        mantissa, exponent = "1", exponent + 1
    raised = "10" + str(exponent).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    return raised if mantissa == "1" else f"{mantissa}·{raised}"


def plain(value, digits=3):
    """A number as the deck prints it without a plus, worked out anew: so the page's own way is under test."""
    value = float(value)
    if value != value:
        return "not a number"
    sign, magnitude = "−" if value < 0 else "", abs(value)
    if magnitude == float("inf"):
        return f"{sign}∞"
    if magnitude == 0:
        return "0"
    if magnitude < 0.001 or magnitude >= 1e6:
        return sign + power(magnitude, digits - 1)
    decimals = digits if magnitude >= 1 else digits - 1 - Decimal(magnitude).adjusted()
    return sign + rounded(magnitude, decimals)


def printed(value):
    """Every way in which the deck may print a number of an answer."""
    value = float(value)
    texts = {"NaN"} if value != value else set()
    for digits in (2, 3, 4, 6, 10):
        text = plain(value, digits)
        texts |= {text, f"+{text}"} if value > 0 else {text}
    if abs(value) < float("inf"):
        texts |= {f"{rounded(100 * value, 2)}\u00a0%".replace("-", "−"), f"{round(value):,}".replace("-", "−")}
        if value:
            texts.add(("−" if value < 0 else "") + power(abs(value), 1))
    return texts


def correlate(x, k, mode="valid"):
    """Cross-correlation by its definition, to hold the page's against."""
    (height, width), (rows, columns) = (len(x), len(x[0])), (len(k), len(k[0]))
    down, right = {"valid": (0, 0), "full": (rows - 1, columns - 1), "same": ((rows - 1) // 2, (columns - 1) // 2)}[mode]
    size = {"valid": (height - rows + 1, width - columns + 1), "same": (height, width),
            "full": (height + rows - 1, width + columns - 1)}[mode]

    def at(row, column):
        return x[row][column] if 0 <= row < height and 0 <= column < width else 0

    return [[sum(at(r + u - down, c + v - right) * k[u][v] for u in range(rows) for v in range(columns))
             for c in range(size[1])] for r in range(size[0])]


def eventually(true, seconds=PATIENCE, what=""):
    """Asks again and again until the answer is true: it is not while an assertion fails or a text is no number.

    The answer has to come from the page: what the browser's events bring, as `route` does, waits for `Deck.until`.
    """
    end = time.monotonic() + seconds
    while True:
        reason = ""
        try:
            answer = true()
            if answer:
                return answer
        except (AssertionError, ValueError) as error:
            reason = str(error)
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what or true} {reason}")
        time.sleep(0.02)


class Deck:
    """A page of the deck in the browser."""

    def __init__(self, page, address):
        page.set_default_timeout(30_000)
        self.page = page
        self.address = address
        self.hosts = set()  # every host that was asked for anything
        self.errors = []  # what the page itself complained of
        self.waiting = set()  # requests that have no answer yet
        page.on("request", self.ask)
        page.on("requestfinished", self.hear_of)
        page.on("requestfailed", self.hear_of)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self.hear)

    def ask(self, request):
        self.hosts.add(re.sub(r"^(\w+://[^/]*).*", r"\1", request.url))
        if request.resource_type != "eventsource":
            self.waiting.add(request)

    def hear_of(self, request):
        self.waiting.discard(request)

    def hear(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def open(self, number, query=""):
        """Opens a page and waits until its numbers are there."""
        self.page.goto(f"{self.address}{number}{query}")
        self.settle()

    def settle(self, seconds=40):
        """Waits until the page is whole: it says so itself, and for a moment nothing is outstanding."""
        end = time.monotonic() + seconds
        self.whole(end)
        quiet = 0
        while quiet < 2:
            self.page.wait_for_timeout(20)
            quiet = 0 if self.waiting else quiet + 1
            assert time.monotonic() < end, f"no answer to {[request.url for request in self.waiting]}"
        self.whole(end)

    def whole(self, end):
        left = max(1, 1000 * (end - time.monotonic()))
        self.page.wait_for_selector("main:not([data-busy])", state="attached", timeout=left)

    def table(self, name, channel=0):
        return self.page.locator(f'table[data-grid="{name}"]').nth(channel)

    def names(self):
        """The names of the grids on the page, in their order."""
        return self.page.eval_on_selector_all("table[data-grid]", "all => all.map(t => t.dataset.grid)")

    def texts(self, name, channel=0):
        """A grid's cells as they stand there: rows of texts."""
        rows = {}
        for row, column, text in self.table(name, channel).evaluate(READ_GRID):
            rows.setdefault(row, {})[column] = text
        return [[rows[row][column] for column in sorted(rows[row])] for row in sorted(rows)]

    def grid(self, name, channel=0):
        """A grid's numbers."""
        return [[number(text) for text in row] for row in self.texts(name, channel)]

    def shows(self, name, numbers, channel=0, seconds=PATIENCE):
        """Demands that a grid comes to show these numbers."""

        def same():
            try:
                found = self.grid(name, channel)
            except ValueError:
                found = self.texts(name, channel)
            assert found == numbers, f"{name} is {found}, and should be {numbers}"
            return True

        eventually(same, seconds, name)

    def cell(self, name, row, column, channel=0):
        return self.table(name, channel).locator(f'[data-row="{row}"][data-column="{column}"]')

    def type(self, name, numbers, channel=0):
        """Types numbers into a grid, one cell after the other."""
        for row, line in enumerate(numbers):
            for column, value in enumerate(line):
                field = self.cell(name, row, column, channel).locator("input")
                field.fill(str(value))
                field.press("Tab")

    def values(self, name, channel=0):
        """A grid's numbers to their last digit, row after row, as the server wrote them."""
        return self.table(name, channel).evaluate(
            "table => [...table.querySelectorAll('[data-row][data-column]')].map(cell => cell.dataset.value)")

    def reveal(self):
        """Has the page's question answered, so that nothing is hidden."""
        for button in self.page.get_by_role("button", name="Show me", exact=True).all():
            if button.is_visible():
                button.click()
        self.settle()

    def choose(self, value):
        """Chooses one of a few by its value."""
        self.page.locator(f'input[type="radio"][value="{value}"]').first.check(force=True)
        self.settle()

    def computed(self):
        """The texts of all that the page says it has from an answer, each with what it belongs to."""
        return self.page.evaluate("""selector => [...document.querySelectorAll(selector)].map(node => [
          node.closest('[data-grid]')?.dataset.grid ?? node.closest('[data-check]')?.dataset.check
            ?? node.getAttribute('data-value-of') ?? (node.className || node.parentElement.className),
          node.textContent.trim()])""", COMPUTED)

    def check(self, name):
        """A check's result, and its error or none."""
        element = self.page.locator(f'[data-check="{name}"]').first
        error = element.get_attribute("data-max-relative-error")
        return element.get_attribute("data-result"), float(error) if error else None

    def passes(self, name, tolerance=1e-6):
        """Demands that a check comes to PASS, with an error that is shown and within the tolerance."""

        def fine():
            result, error = self.check(name)
            assert result == "pass" and error is not None and 0 <= error <= tolerance, (name, result, error)
            text = self.page.locator(f'[data-check="{name}"]').first.inner_text()
            assert "PASS" in text.upper(), text
            return True

        eventually(fine, what=name)
        return self.check(name)[1]

    def fails(self, name, tolerance=1e-6):
        """Demands that a check comes to FAIL, with an error beyond the tolerance."""

        def noticed():
            result, error = self.check(name)
            assert result == "fail" and error is not None and error > tolerance, (name, result, error)
            text = self.page.locator(f'[data-check="{name}"]').first.inner_text()
            assert "FAIL" in text.upper(), text
            return True

        eventually(noticed, what=name)
        return self.check(name)[1]

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True).first

    def press(self, name):
        self.button(name).click()
        self.settle()

    def content(self):
        """What the page holds: its text without what is only said aloud, its fields, and how its cells are marked."""
        return self.page.evaluate("""() => {
          const speaker = document.getElementById('announcer');
          speaker.hidden = true;
          const text = document.body.innerText;
          speaker.hidden = false;
          return [
            text,
            [...document.querySelectorAll('input, select')].map(field =>
              field.type === 'checkbox' || field.type === 'radio' ? field.checked : field.value),
            [...document.querySelectorAll('table[data-grid] [data-row]')].map(cell =>
              cell.className + cell.textContent),
          ];
        }""")

    def until(self, true, seconds=PATIENCE, what=""):
        """As `eventually`, for what the browser's events bring: they come only while the page is waited for."""
        return eventually(lambda: self.page.wait_for_timeout(10) or true(), seconds, what)

    def link(self):
        """The page's address, once it says all that the page shows: it is written only so often."""
        # The page's timers fire in their order, however busy it is.
        return self.page.evaluate("new Promise(done => setTimeout(() => done(location.href), 250))")

    def alert(self):
        """The text of the alert that is seen, or nothing."""
        return " ".join(alert.inner_text() for alert in self.page.locator('[role="alert"]').all() if alert.is_visible())
