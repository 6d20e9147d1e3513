#!/usr/bin/env python3
"""Breaks the pages on purpose, one mistake at a time, and demands that a test fails for each.

    Tests/Browser/run mutants               all
    Tests/Browser/run mutants "as printed"  those whose name contains the words
    Tests/Browser/run mutants --check       none: only whether each mutant's text is found

Each gets a copy of the site and a server of its own that serves it; the site itself is never touched. It exits with 1
unless every mutant is noticed.
"""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SITE = HERE.parents[1] / "Lab" / "Sources" / "StarlingLab" / "Resources" / "site"


@dataclasses.dataclass
class Mutant:
    """One mistake: a text of a file of the site that occurs once, what takes its place, and who has to notice."""

    name: str
    file: str
    find: str
    replace: str
    test: str


MUTANTS = [
    Mutant("no plus before what is positive", "js/format.js", "? `+${text}` : text", "? text : text",
           "test_correlation.py::test_signs_are_printed_and_zero_has_none"),
    Mutant("numbers stay when an answer fails", "js/page.js", "for (const clear of clearers) clear();", "",
           "test_honesty.py::test_numbers_go_when_answers_stop[1]"),
    Mutant("an answer is waited for without end", "js/api.js", "timeLimit = 3000", "timeLimit = 300000",
           "test_honesty.py::test_an_answer_that_does_not_come_is_given_up"),
    Mutant("every answer comes late", "js/api.js", "const answer = json(await response.text());",
           "await new Promise((go) => setTimeout(go, 1200)); const answer = json(await response.text());",
           "test_latency.py::test_an_interaction_is_answered_at_once"),
    Mutant("an output that the page computes", "js/pages/p1.js", "outputs[on].set(answer[on], { scale });",
           "outputs[on].set(answer[on].map((line) => line.map((n) => 2 * n)), { scale });",
           "test_honesty.py::test_an_answer_of_999_appears"),
    Mutant("a number that stands in no answer", "js/pages/p1.js", "outputs[on].set(answer[on], { scale });",
           "outputs[on].set(answer[on].map((line) => line.map((n) => n + 0.123)), { scale });",
           "test_honesty.py::test_every_number_shown_stands_in_an_answer[1]"),
    Mutant("every check says PASS", "js/parts/check.js", 'fail: "FAIL"', 'fail: "PASS"',
           "test_backward.py::test_arguments_reversed_give_the_wrong_kernel_gradient_and_fail"),
    Mutant("Back goes two steps", "js/parts/stepper.js", 'press("Back", () => go(step - 1))',
           'press("Back", () => go(step - 2))',
           "test_forward.py::test_sixteen_steps_and_back_restores_the_page"),
    Mutant("steps play by themselves", "js/parts/stepper.js", "  register(clear);\n  show();",
           "  register(clear);\n  setTimeout(start, 300);\n  show();",
           "test_tour.py::test_nothing_plays_by_itself[3]"),
    Mutant("steps are not announced", "js/parts/stepper.js", "if (!timer) announce(", "if (timer) announce(",
           "test_keyboard.py::test_steps_are_announced"),
    Mutant("the address does not follow", "js/state.js", "history.replaceState(", "void (",
           "test_links.py::test_a_link_restores_the_state[1]"),
    Mutant("the address is written at every change", "js/state.js", "const pause = 150;", "const pause = 0;",
           "test_links.py::test_the_address_is_not_written_at_every_move_of_a_drag"),
    Mutant("a page that is left goes on asking", "js/app.js", "signal.aborted ? undefined : work(...all)", "work(...all)",
           "test_honesty.py::test_a_page_that_is_left_asks_no_more"),
    Mutant("the last answer to come is shown", "js/grid/why.js", "asked !== question || !content", "!content",
           "test_forward.py::test_an_answer_to_why_that_comes_late_is_not_shown"),
    Mutant("a digit that comes again is chosen again", "js/digits/chooser.js", "if (!isAwaited) return;", "",
           "test_prediction.py::test_a_drawing_outlives_a_failure"),
    Mutant("a lost connection is not told", "js/digits/runner.js", 'onDoubt: () => ctx.fail(new ApiError(0, "", doubt)),',
           "onDoubt: () => {},",
           "test_learning.py::test_a_lost_connection_resumes_without_a_gap"),
    Mutant("something from elsewhere", "js/app.js", "show(false);",
           'show(false);\nfetch("http://127.0.0.2/").catch(() => {});',
           "test_tour.py::test_the_whole_tour_asks_no_other_host"),
    Mutant("a symbol lights nothing", "js/parts/formula.js", 'classList.toggle("is-lit",', 'classList.contains("is-lit",',
           "test_tour.py::test_a_symbol_lights_its_grid_and_its_source_line"),
    Mutant("an error with two digits", "js/digits/history.js",
           'key: "error", title: "error", print: (n) => plain(n, 4)',
           'key: "error", title: "error", print: (n) => plain(n, 2)',
           "test_learning.py::test_the_decks_defaults"),
    Mutant("Stop only pauses", "js/pages/p9.js", 'onClick: () => live.tell("stop") }),', 'onClick: () => live.tell("pause") }),',
           "test_learning.py::test_stop"),
    Mutant("the mistake is not planted", "js/digits/settings.js", "learningRate: rate, seed, mistake,",
           'learningRate: rate, seed, mistake: "none",',
           "test_learning.py::test_a_reversed_kernel_gradient_learns_all_the_same_and_its_check_fails"),
    Mutant("Clear does not clear", "js/pages/p10.js", 'label: "Clear", onClick: () => draw([])',
           'label: "Clear", onClick: () => {}',
           "test_prediction.py::test_a_ring_is_zero_and_moved_by_40_pixels_the_same_784_numbers"),
    Mutant("what the server sees is not shown", "js/digits/reading.js", "seen.set(answer.pixels);",
           "seen.set(answer.pixels.map((line) => line.map(() => 0)));",
           "test_prediction.py::test_a_ring_is_zero_and_moved_by_40_pixels_the_same_784_numbers"),
    Mutant("a page that says too early that it is whole", "js/page.js", "return busy(() => shown(call, render, options));",
           "return shown(call, render, options);",
           "test_honesty.py::test_a_page_is_busy_until_it_shows_its_answers"),
    Mutant("a cell that reverts without a word", "js/grid/complaint.js", "if (!isOpen()) card.showPopover();", "",
           "test_typing.py::test_a_cell_that_is_no_number_reverts_and_says_why"),
    Mutant("a cell that reverts without a sound", "js/grid/complaint.js", "spoken.textContent = words;", "",
           "test_typing.py::test_a_cell_that_is_no_number_reverts_and_says_why"),
    Mutant("patience without end", "js/api.js", "limit: 30000", "limit: 3000000",
           "test_honesty.py::test_an_answer_that_may_take_longer_is_given_up_too"),
    Mutant("a field that shows what cannot be typed", "js/grid/matrix.js", "return entered(n);", "return number(n, 10);",
           "test_typing.py::test_what_a_field_shows_can_be_typed_again"),
    Mutant("an address not understood, in silence", "js/app.js", "doubt(senseless(schema));", "",
           "test_links.py::test_what_the_address_gives_in_vain_is_told"),
    Mutant("a second tab that asks no more", "js/digits/runner.js", 'addEventListener("focus", look)', 'addEventListener("focus", () => {})',
           "test_learning.py::test_pause_one_sample_resume"),
    Mutant("a field without a name", "js/grid/matrix.js", '"aria-label": `${title}, row ${row}, column ${column}`,', "",
           "test_accessibility.py::test_everything_has_a_name[1]"),
    Mutant("the page is 500 pixels wide", "style.css", "body {", "body { min-width: 500px;",
           "test_narrow.py::test_nothing_scrolls_sideways[1]"),
    Mutant("the focus is not seen", "style.css", "@media (prefers-reduced-motion",
           "*, *::before, *::after { outline: none !important; }\n@media (prefers-reduced-motion",
           "test_keyboard.py::test_tab_reaches_everything_and_the_focus_is_seen[2]"),
    Mutant("grey on grey", "style.css", "@media (prefers-reduced-motion",
           "p { color: #bbb !important; background: #ccc !important; }\n@media (prefers-reduced-motion",
           "test_accessibility.py::test_axe_finds_nothing_serious[1-light]"),
]


def main():
    problems = [f"{mutant.name}: its text occurs {count} times in {mutant.file}, and should once" for mutant in MUTANTS
                if (count := (SITE / mutant.file).read_text(encoding="utf-8").count(mutant.find)) != 1]
    if problems or sys.argv[1:] == ["--check"]:
        report(problems)
    words = " ".join(sys.argv[1:])
    chosen = [mutant for mutant in MUTANTS if words in mutant.name]
    print(f"{'mutant':<40} {'seconds':>7}  noticed by", flush=True)
    for mutant in chosen:
        began = time.monotonic()
        problem = plant(mutant)
        if problem:
            problems.append(f"{mutant.name}: {problem}")
        print(f"{mutant.name:<40} {time.monotonic() - began:>7.1f}  {'—' if problem else mutant.test}", flush=True)
    print(f"mutants: {len(chosen) - len(problems)} passed, {len(problems)} failed")
    report(problems if chosen else [f"there is no mutant '{words}'"])


def report(problems):
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


def plant(mutant):
    """Nothing if the mutant is noticed, or else what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        site = pathlib.Path(folder) / "site"
        shutil.copytree(SITE, site)
        file = site / mutant.file
        file.write_text(file.read_text(encoding="utf-8").replace(mutant.find, mutant.replace), encoding="utf-8")
        lab = subprocess.Popen(
            [os.environ["LAB"], "--port", "0", "--site", str(site)], stdout=subprocess.PIPE, text=True)
        try:
            address = lab.stdout.readline().strip()
            tests = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(HERE / mutant.test)],
                env={**os.environ, "LAB_ADDRESS": address, "LAB_PID": str(lab.pid), "PATIENCE": "8"},
                capture_output=True, text=True)
        finally:
            lab.terminate()
            lab.wait()
    if tests.returncode == 1:
        return None
    return "survived" if tests.returncode == 0 else f"no test ran: {tests.stdout[-300:]}"


if __name__ == "__main__":
    main()
