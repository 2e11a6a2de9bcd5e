"""Whether a page fits the hand."""

import time

from playwright.sync_api import Page

_PATIENCE = 30.0  # s: a busy machine draws a page in steps


def within(page: Page) -> bool:
    """Nothing is wider than the screen, and what is touched is as large as a finger: once the page has found its shape."""
    deadline = time.monotonic() + _PATIENCE
    while not _fits(page):
        if time.monotonic() > deadline:
            return False
        page.wait_for_timeout(100)
    return True


def _fits(page: Page) -> bool:
    wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.locator("button:visible, nav a:visible, summary:visible, .row:visible").evaluate_all(
        "all => all.filter(it => it.getBoundingClientRect().height < 44).map(it => it.outerHTML)"
    )
    return bool(wide) and not small
