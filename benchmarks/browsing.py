"""A browser for people who look at pages, one step after another; a build has its own way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from kit.browser import launching


@contextmanager
def opened(root: Path) -> Iterator[Browser]:
    """The browser that a build of ``root`` prints with."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launching(root))
        yield browser
        browser.close()
