"""/map: cameras, parcels and events where they are, in Chromium; nothing is asked from elsewhere."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from edge.accounts.roles import Role
from edge.envelope import Occurrence, TrackedObject
from edge.geo import PolygonData
from tests.support.console import PHONE, Person
from tests.support.consoles import ApiBox
from tests.support.desk import SITE, Arrive, Desk, arriving
from tests.support.fitting import within
from tests.support.measured import points, square
from tests.support.occurrences import message

pytestmark = pytest.mark.e2e

MAST = (113.6 + 10 / 91_300, 34.8 - 5 / 111_000)


@pytest.fixture
def arrive(browser: Browser, desk: Desk) -> Iterator[Arrive]:
    with arriving(browser, desk, "/map", Role.VIEWER) as one:
        yield one


async def surveyed(box: ApiBox) -> None:
    """A camera that is measured in, and two parcels."""
    technician = await box.entered("technician")
    told = {"camera": "gate", "points": points()}
    assert (await technician.post("/api/v1/ground/points", json=told)).status_code == 204
    ground = [{"type": "Polygon", "coordinates": [square(*place)]} for place in ((20, 40), (90, 40))]
    features = [
        {"type": "Feature", "id": n, "properties": {}, "geometry": each} for n, each in enumerate(ground)
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features})
    asked = {"layer": "基本农田", "crs": "EPSG:4326"}
    assert (await technician.post("/api/v1/parcels", params=asked, content=body)).status_code == 201


def truck(case: str, east: float, north: float) -> Occurrence:
    lon, lat = square(east, north)[0]
    where: dict[str, str | float] = {"lon": lon, "lat": lat}
    seen = TrackedObject(track=1, label="truck", score=0.9, box=(0.1, 0.1, 0.2, 0.2), attributes=where)
    now = time.time()
    return message(case).model_copy(update={"time": now, "since": now, "objects": (seen,)})


def dig(case: str) -> Occurrence:
    ring = tuple(square(80, 110, 20))
    now = time.time()
    told = {"type": "land.disturbance", "time": now, "since": now, "area_m2": 400.0}
    return message(case).model_copy(update={**told, "geo": PolygonData(coordinates=(ring,))})


def put(desk: Desk, occurrence: Occurrence, number: int) -> None:
    async def work(box: ApiBox) -> None:
        await box.outbox.append(occurrence)
        await box.indexed(number)

    desk.do(work)


# What the page has to say of its size, and to draw, it has said and drawn.
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def spot(person: Person, n: int) -> tuple[float, float]:
    person.page.evaluate(DRAWN)
    box = person.page.locator("#chart .spot").nth(n).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_what_is_known_is_where_it_is_and_an_event_comes_by_itself_and_opens(
    arrive: Arrive, desk: Desk
) -> None:
    desk.do(surveyed)
    put(desk, truck("0190-1", 60, 70), 1)
    viewer = arrive()
    page = viewer.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("#chart .view")).to_have_count(1)
    expect(page.locator("#chart .parcel")).to_have_count(2)
    viewer.sees("#away", "pit")
    viewer.sees("#scale span", " m")
    put(desk, dig("0190-2"), 2)
    expect(page.locator("#chart .patch")).to_have_count(1)
    expect(page.locator("#chart .spot")).to_have_count(2)
    (x1, y1), (x2, y2) = spot(viewer, 0), spot(viewer, 1)
    assert x2 > x1, "the dig lies east of the truck"
    assert y2 < y1, "and north, which is up"
    assert (x2 - x1) / (y1 - y2) == pytest.approx((90 - 60) / (120 - 70), rel=0.05)
    page.get_by_label("Parcels").uncheck()
    expect(page.locator("#chart .parcel")).to_have_count(0)
    page.locator("#chart a[href='/events#0190-2']").click()
    viewer.sees("#detail h2", "Disturbed ground")
    assert all(url.startswith(desk.url) for url in asked)


def test_it_is_moved_and_enlarged_by_mouse_and_keys(arrive: Arrive, desk: Desk) -> None:
    desk.do(surveyed)
    put(desk, truck("0190-1", 60, 70), 1)
    viewer = arrive()
    page = viewer.page
    expect(page.locator("#chart .spot")).to_have_count(1)
    before = spot(viewer, 0)
    chart = page.locator("#chart").bounding_box()
    assert chart is not None
    page.mouse.move(chart["x"] + 300, chart["y"] + 200)
    page.mouse.down()
    page.mouse.move(chart["x"] + 350, chart["y"] + 230, steps=5)
    page.mouse.up()
    assert spot(viewer, 0) == pytest.approx((before[0] + 50, before[1] + 30), abs=2)
    page.mouse.move(*spot(viewer, 0))
    still = spot(viewer, 0)
    page.mouse.wheel(0, -400)
    viewer.until(
        lambda: (
            "50 m" in page.locator("#scale").inner_text() or "20 m" in page.locator("#scale").inner_text()
        ),
        "a larger scale",
    )
    assert spot(viewer, 0) == pytest.approx(still, abs=2), "what is under the pointer stays"
    page.locator("#chart").focus()
    page.keyboard.press("ArrowLeft")
    assert spot(viewer, 0)[0] == pytest.approx(still[0] + 60, abs=2)
    page.get_by_role("button", name="All").click()
    assert spot(viewer, 0) == pytest.approx(before, abs=2)
    page.mouse.move(*spot(viewer, 0))
    told = page.locator("#where").inner_text().replace("°", "").split(" · ")[0].split(", ")
    assert [float(each) for each in told] == pytest.approx(square(60, 70)[0], abs=2e-5)


def test_a_phone_in_chinese(arrive: Arrive, desk: Desk) -> None:
    desk.do(surveyed)
    viewer = arrive(locale="zh-CN", **PHONE)
    expect(viewer.page.locator("#chart .mast")).to_have_count(1)
    viewer.sees("#away", "尚未标定").sees("#told", "有位置的事件 0 个")
    assert within(viewer.page)


def test_a_site_that_knows_no_places_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    with Desk(tmp_path, SITE.replace(", position: [34.8, 113.6]", "")) as desk:
        person = desk.person(browser, Role.VIEWER, "/map")
        person.sees("#nowhere", "fill in the site's position")
        assert not person.faults
        person.context.close()
