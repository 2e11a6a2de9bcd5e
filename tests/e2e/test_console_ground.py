"""/ground: points placed in the picture, judged as they are measured, kept; parcels. In Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from edge.accounts.roles import Role
from edge.settings.loader import load
from tests.support.console import PHONE
from tests.support.desk import Arrive, Desk, arriving
from tests.support.fitting import within
from tests.support.measured import SPOTS, points, square
from tests.support.parcels import feature, geojson

pytestmark = pytest.mark.e2e


@pytest.fixture
def arrive(browser: Browser, desk: Desk) -> Iterator[Arrive]:
    with arriving(browser, desk, "/ground", Role.TECHNICIAN, seen=still) as one:
        yield one


def still(page: Page) -> None:
    """In the place of the camera: there is none."""
    picture = cv2.imencode(".jpg", np.full((360, 640, 3), 120, np.uint8))[1].tobytes()

    def answer(route: Route) -> None:
        route.fulfill(body=picture, content_type="image/jpeg")

    page.route("**/cameras/*/still*", answer)


def click(page: Page, spot: tuple[float, float]) -> None:
    page.locator("#marks").wait_for()
    box = page.locator("#marks").bounding_box()
    assert box is not None
    page.locator("#marks").click(position={"x": spot[0] * box["width"], "y": spot[1] * box["height"]})


def enter(page: Page, number: int, values: list[float]) -> None:
    """Pasted together, as from a spreadsheet."""
    page.locator("#points tbody tr").nth(number).locator("input").first.fill(f"{values[0]}, {values[1]}")


def measure(page: Page, told: list[dict[str, Any]]) -> None:
    for number, (each, spot) in enumerate(zip(told, SPOTS, strict=False)):
        click(page, spot)
        enter(page, number, each["lonlat"])


def test_points_are_placed_judged_and_kept(arrive: Arrive, desk: Desk) -> None:
    technician = arrive()
    page = technician.page
    told = points()
    measure(page, told[:3])
    technician.sees("#verdict", "needs at least 4 pairs, has 3")
    expect(page.locator("#keep")).to_be_disabled()
    click(page, SPOTS[3])
    technician.sees("#verdict", "1 still to be measured")
    page.keyboard.type("113.6002110")
    first = page.locator("#points tbody tr").nth(3).locator("input").first
    expect(first).to_have_value("113.6002110")
    assert first.evaluate("it => it.scrollWidth <= it.clientWidth"), "all of its digits are seen"
    enter(page, 3, told[3]["lonlat"][::-1])
    technician.sees("#verdict", "longitude and latitude are swapped")
    enter(page, 3, told[3]["lonlat"])
    technician.sees("#verdict", "a fifth would show a mistake").sees("#legend", "1 m")
    measured = page.locator("#points output").first
    technician.until(lambda: measured.inner_text().endswith(" m"), "a residual")
    filled = page.evaluate(
        "document.getElementById('sure').getContext('2d').getImageData(32, 34, 1, 1).data[3]"
    )
    assert filled == 255, "the near ground is coloured"
    sky = page.evaluate("document.getElementById('sure').getContext('2d').getImageData(32, 0, 1, 1).data[3]")
    assert sky == 0
    for number in (4, 5):
        click(page, SPOTS[number])
        enter(page, number, told[number]["lonlat"])
    technician.sees("#verdict", "It fits.")
    expect(page.locator("#verdict [data-kind=advice]")).to_have_count(0)
    page.get_by_role("button", name="Save points").click()
    technician.sees("#toast", "Saved")
    kept = load(desk.file).site.streams[0].ground
    assert [list(each.lonlat or ()) for each in kept] == [each["lonlat"] for each in told]
    for each, spot in zip(kept, SPOTS, strict=True):
        assert each.pixel == pytest.approx(spot, abs=0.003)
    page.reload()
    expect(page.locator("#marks [data-point]")).to_have_count(6)
    technician.sees("#verdict", "It fits.")


def test_a_point_is_dragged_moved_by_keys_and_dropped(arrive: Arrive, desk: Desk) -> None:
    technician = arrive()
    page = technician.page
    measure(page, points(5))
    technician.sees("#verdict", "It fits.")
    mark = page.locator("#marks [data-point='4']")
    mark.locator("circle").hover()
    page.mouse.down()
    box = page.locator("#marks").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()
    technician.until(lambda: page.locator("#points tr.bad").count() > 0, "a pair that does not fit")
    mark.focus()
    page.keyboard.press("Delete")
    expect(page.locator("#marks [data-point]")).to_have_count(4)
    technician.sees("#verdict", "a fifth would show a mistake")
    first = page.locator("#marks [data-point='0'] circle")
    before = float(str(first.get_attribute("cx")))
    page.locator("#marks [data-point='0']").focus()
    page.keyboard.press("ArrowRight")
    technician.until(lambda: float(str(first.get_attribute("cx"))) > before + 0.5, "a step to the right")
    page.get_by_role("button", name="As it was saved").click()
    expect(page.locator("#marks [data-point]")).to_have_count(0)


def test_parcels_are_taken_in_and_seen_on_the_picture(arrive: Arrive, desk: Desk, tmp_path: Path) -> None:
    bow = square(0, 0)
    bow[1], bow[2] = bow[2], bow[1]
    bad = geojson(tmp_path / "bad.geojson", feature(bow, key="7"))
    good = geojson(tmp_path / "good.geojson", feature(square(20, 40), key="8"))
    technician = arrive()
    page = technician.page
    page.get_by_label("Layer, as events call it").fill("基本农田")
    page.get_by_label("Reference system, if the file has none").fill("EPSG:4326")
    page.get_by_label("Attribute with the number").fill("DKBM")
    page.locator("#file").set_input_files(bad)
    page.get_by_role("button", name="Check and take in").click()
    technician.sees("#findings", "crosses itself")
    assert not load(desk.file).site.parcels
    page.locator("#file").set_input_files(good)
    page.get_by_role("button", name="Check and take in").click()
    technician.sees("#taken", "基本农田")
    measure(page, points(5))
    technician.until(lambda: page.locator("#marks polyline").count() > 0, "the parcel in the picture")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Really remove?").click()
    expect(page.locator("#taken li")).to_have_count(0)
    assert not load(desk.file).site.parcels


def test_a_phone_in_chinese_and_a_viewer_who_may_not(arrive: Arrive, desk: Desk) -> None:
    technician = arrive(locale="zh-CN", **PHONE)
    page = technician.page
    measure(page, points(3))
    technician.sees("#verdict", "至少需要4个点对，现有3个")
    assert within(page)
    viewer = arrive(Role.VIEWER)
    viewer.sees("#refuse", "nothing here for you")
    expect(viewer.page.locator("#desk")).to_be_hidden()
    assert "Ground" not in viewer.page.locator("nav").inner_text()
