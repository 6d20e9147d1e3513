#!/usr/bin/env python3
"""A picture of every page, wide and narrow, light and dark, for eyes to judge: Tests/Browser/run screens FOLDER"""

import os
import pathlib
import sys

from playwright.sync_api import sync_playwright

import deck as d
import tour
from conftest import FLAGS

WIDTHS = {"wide": (1280, 900), "narrow": (390, 844)}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        for scheme in ("light", "dark"):
            for name, (width, height) in WIDTHS.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
                deck = d.Deck(context.new_page(), os.environ["LAB_ADDRESS"])
                for number in d.PAGES:
                    deck.open(number)
                    deck.reveal()
                    tour.prepare(deck, number)
                    deck.page.screenshot(path=folder / f"{number:02}-{name}-{scheme}.png", full_page=True)
                context.close()
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main()
