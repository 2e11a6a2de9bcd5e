"""/settings and /audit on a running gateway: checked as it is typed, saved, and one click back; in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.console import PHONE, Person
from tests.support.fitting import within
from tests.support.manned import Manned, manned

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def box(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manned]:
    with manned(browser, tmp_path_factory.mktemp("box")) as running:
        yield running


@pytest.fixture
def duty(browser: Browser, box: Manned) -> Iterator[Person]:
    person = box.person(browser, "/settings").sees("#checked")
    yield person
    assert not person.faults
    person.context.close()


def test_a_text_is_checked_as_it_is_typed_saved_and_taken_back(duty: Person, box: Manned) -> None:
    page, before = duty.page, box.text
    duty.until(lambda: page.locator("#text").input_value() == before, "the file's text")
    page.locator("#text").fill(before.replace("dwell: 0.4s", "dwel: 0.4s"))
    duty.sees("#mistakes .finding:first-child", "dwel").sees("#checked", "cannot be used")
    page.locator("#save").click()
    duty.sees("#unsaved", "nothing was changed")
    assert box.text == before
    page.get_by_role("button", name="line").first.click()
    assert "dwel" in page.evaluate(
        "getSelection().toString() || text.value.slice(text.selectionStart, text.selectionEnd)"
    )

    page.locator("#text").fill(before.replace("North gate", "River gate"))
    duty.sees("#checked:not(:empty)")
    page.locator("#save").click()
    duty.sees("#toast", "Saved").sees("#history li:first-child", "duty")
    assert box.text == before.replace("North gate", "River gate")
    page.locator("#history summary").first.click()
    duty.sees("#history .more", "River gate").sees("#history .less", "North gate")
    page.goto(box.url + "/cameras")
    duty.sees("[data-name=gate] h2", "River gate")

    page.goto(box.url + "/settings")
    page.locator("#history li:nth-child(2) summary").click()
    page.locator("#history li:nth-child(2)").get_by_role("button", name="Go back to this").click()
    duty.sees("#toast", "Gone back")
    assert box.text == before
    duty.until(lambda: page.locator("#text").input_value() == before, "the text as it was")


def test_two_at_once_the_second_is_told(duty: Person, browser: Browser, box: Manned) -> None:
    other = box.person(browser, "/settings")
    for person in (duty, other):
        person.until(lambda person=person: "streams:" in person.page.locator("#text").input_value(), "it")  # type: ignore[misc]
    for person, words, what in (
        (duty, "# first\n", ("#toast", "Saved")),
        (other, "# second\n", ("#unsaved", "Somebody else changed the site file")),
    ):
        area = person.page.locator("#text")
        area.fill(area.input_value() + words)
        person.page.locator("#save").click()
        person.sees(*what)
    assert "# first" in box.text
    assert "# second" not in box.text
    assert not other.faults
    other.context.close()


def test_the_audit_says_who_did_what(duty: Person, box: Manned) -> None:
    page = duty.page
    page.goto(box.url + "/audit")
    duty.sees("#lines tr:last-child", "duty")
    page.get_by_label("What").fill("config.apply")
    page.get_by_label("What").press("Tab")
    rows = page.locator("#lines tr")
    duty.until(lambda: rows.count() > 0 and "account" not in page.locator("#lines").inner_text(), "them")
    assert all("config.apply" in text for text in rows.all_inner_texts())
    page.get_by_label("Who").fill("nobody")
    page.get_by_label("Who").press("Tab")
    duty.sees("#none")


@pytest.mark.parametrize("path", ["/settings", "/audit"])
def test_on_a_phone_in_chinese(browser: Browser, box: Manned, path: str) -> None:
    duty = box.person(browser, path, locale="zh-CN", **PHONE)
    expect(duty.page.locator("h1").last).to_have_text("设置" if path == "/settings" else "审计")
    assert within(duty.page)
    assert not duty.faults
    duty.context.close()
