"""The browser and the server that all tests share. `run` starts the server and says where both are."""

import os

import pytest
from playwright.sync_api import sync_playwright

from deck import Deck

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]


@pytest.fixture(scope="session")
def address():
    """Where the lab answers, with a slash at its end."""
    return os.environ["LAB_ADDRESS"]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def wide(browser):
    """A context of a desk's width, without motion so that nothing has to be waited for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def deck(wide, address):
    deck = Deck(wide.new_page(), address)
    yield deck
    assert not deck.errors, deck.errors


@pytest.fixture
def broken(wide, address):
    """A deck whose answers a test takes away or changes: then it may complain."""
    deck = Deck(wide.new_page(), address)
    yield deck
    # An answer that is still on its way to be changed is nobody's any more.
    deck.page.unroute_all(behavior="ignoreErrors")
