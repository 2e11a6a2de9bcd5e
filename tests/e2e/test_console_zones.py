"""/zones: drawn with the mouse, by keys and with a finger, tried out and saved, on a running gateway with a camera."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.console import PATIENCE, PHONE, Person
from tests.support.fitting import within
from tests.support.manned import Manned, manned

pytestmark = pytest.mark.e2e

DRAWN = """\
title: North gate  # by the river
zones:  # as agreed with the county
  road: [[0, 0], [1, 0], [1, 1], [0, 1]]  # everything"""


@pytest.fixture(scope="module")
def box(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manned]:
    with manned(browser, tmp_path_factory.mktemp("box"), DRAWN) as running:
        running.gateway.wait("event.stored")
        yield running


@pytest.fixture
def duty(browser: Browser, box: Manned) -> Iterator[Person]:
    person = arrived(browser, box)
    yield person
    assert not person.faults
    person.context.close()


def arrived(browser: Browser, box: Manned, **how: object) -> Person:
    """With a picture to draw on."""
    person = box.person(browser, "/zones#gate", **how)
    picture = person.page.locator("#seen")
    person.until(lambda: bool(picture.evaluate("it => it.naturalWidth >= 480")), "the picture")
    return person.sees('#shapes [data-shape="road"]')


def clicked(page: Page, *points: tuple[float, float]) -> None:
    """Shares of the picture."""
    area = page.locator("#canvas").bounding_box()
    assert area is not None
    for x, y in points:
        page.mouse.click(area["x"] + x * area["width"], area["y"] + y * area["height"])


def test_a_zone_is_drawn_dragged_given_a_rule_and_saved_beside_the_comments(
    duty: Person, box: Manned
) -> None:
    page, before = duty.page, box.text
    page.get_by_role("button", name="New zone").click()
    clicked(page, (0.2, 0.3), (0.6, 0.3), (0.6, 0.8), (0.2, 0.8), (0.2, 0.3))
    duty.sees('#shapes [data-shape="zone-1"]').sees("#keeping")
    area = page.locator("#canvas").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 0.8 * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + 0.7 * area["width"], area["y"] + 0.9 * area["height"], steps=4)
    page.mouse.up()
    page.locator('#canvas [data-point="0"]').focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    name = page.locator('#shapes [data-shape="zone-1"] input').first
    name.fill("sand heap")
    name.press("Tab")
    page.get_by_role("button", name="Stays in a zone").click()
    page.locator('[data-rule="zone-1"] summary').click()
    page.locator('[data-rule="zone-1"]').get_by_label("Stays at least").fill("8")
    page.locator('[data-rule="zone-1"]').get_by_role("button", name="Add hours").click()
    page.get_by_role("button", name="Save").click()
    duty.sees("#mistakes li:first-child", "zones")
    assert box.text == before, "a name with a blank is refused, in the words of the check"

    name = page.locator('#shapes [data-shape="sand heap"] input').first
    name.fill("heap")
    name.press("Tab")
    page.get_by_role("button", name="Save").click()
    duty.sees("#toast", "Saved")
    text = box.text
    for kept in ("# Written by hand", "# by the river", "# as agreed with the county", "# everything"):
        assert kept in text
    found = re.search(r"heap: \[\[0\.1[78]\d*, 0\.(3|29)\d*\], .*\[0\.(7|69)\d*, 0\.(9|89)\d*\]", text)
    assert found, text
    assert "dwell: 8s" in text
    assert "19:00-06:00" in text
    assert "zones: [heap]" in text
    assert text.replace("\n", "").startswith(before.split("  road")[0].replace("\n", ""))
    page.reload()
    duty.sees('#shapes [data-shape="heap"]')
    page.locator('[data-rule="zone-1"] summary').click()
    assert page.locator('[data-rule="zone-1"]').get_by_label("Stays at least").input_value() == "8"


def test_a_rule_is_tried_on_the_last_seconds_and_says_why_not(duty: Person, box: Manned) -> None:
    page, before = duty.page, box.text
    rule = page.locator("#rules > li").first
    rule.locator("summary").click()
    rule.get_by_role("button", name="Try it").click()
    found = rule.locator(".finding")
    expect(found.first).to_be_visible(timeout=3 * PATIENCE * 1000)
    assert "would have raised an event" in rule.inner_text()
    rule.get_by_label("Stays at least").fill("600")
    rule.get_by_label("Stays at least").press("Tab")
    rule.get_by_role("button", name="Try it").click()
    expect(rule.get_by_text("the rule asks for 600 s").first).to_be_visible(timeout=3 * PATIENCE * 1000)
    assert box.text == before, "nothing was written"
    assert not list((box.file.parent / "storage").glob(".trying-*"))


def test_points_are_added_and_taken_away_by_keys(duty: Person, box: Manned) -> None:
    page = duty.page
    page.get_by_role("button", name="New line").click()
    clicked(page, (0.1, 0.5), (0.9, 0.5))
    page.get_by_role("button", name="Done").click()
    duty.sees('#shapes [data-shape="line-1"]')
    page.locator('#canvas [data-point="+0"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#canvas .handle")).to_have_count(3)
    page.locator('#canvas [data-point="1"]').focus()
    page.keyboard.press("Delete")
    expect(page.locator("#canvas .handle")).to_have_count(2)
    page.get_by_role("button", name="Undo all").click()
    expect(page.locator('#shapes [data-shape="line-1"]')).to_have_count(0)


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_with_a_finger(browser: Browser, box: Manned, locale: str) -> None:
    duty = arrived(browser, box, locale=locale, **PHONE)
    page = duty.page
    page.locator("#pens button").first.tap()
    area = page.locator("#canvas").bounding_box()
    assert area is not None
    for x, y in ((0.3, 0.3), (0.7, 0.3), (0.5, 0.8), (0.3, 0.3)):
        page.touchscreen.tap(area["x"] + x * area["width"], area["y"] + y * area["height"])
    expect(page.locator("#shapes li")).to_have_count(page.locator("#canvas polygon").count())
    duty.sees("#keeping")
    assert within(page)
    assert not duty.faults
    duty.context.close()
