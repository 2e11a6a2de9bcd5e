"""Whether a page fits the hand."""

from playwright.sync_api import Page


def within(page: Page) -> bool:
    """Nothing is wider than the screen, and what is touched is as large as a finger."""
    wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.locator("button:visible, nav a:visible, summary:visible, .row:visible").evaluate_all(
        "all => all.filter(it => it.getBoundingClientRect().height < 44).map(it => it.outerHTML)"
    )
    return bool(wide) and not small
