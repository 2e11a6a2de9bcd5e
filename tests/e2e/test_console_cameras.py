"""/cameras: looked at, added, changed and paused, on a running gateway with a camera, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.answering import alone
from tests.support.console import PATIENCE, PHONE, Person
from tests.support.discoverable import discoverable, here
from tests.support.fitting import within
from tests.support.manned import CLIP, Manned, manned

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def box(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manned]:
    with manned(browser, tmp_path_factory.mktemp("box")) as running:
        yield running


@pytest.fixture
def duty(browser: Browser, box: Manned) -> Iterator[Person]:
    person = box.person(browser, "/cameras")
    yield person
    assert not person.faults
    person.context.close()


def test_a_tile_shows_a_still_and_goes_live_when_it_is_asked_to(duty: Person, box: Manned) -> None:
    page = duty.page
    duty.sees("[data-name=gate] h2", "North gate")
    picture = page.locator("[data-name=gate] img.still")
    duty.until(lambda: bool(picture.evaluate("it => it.naturalWidth === 480")), "a still as wide as the tile")
    assert not list((box.file.parent / "storage" / "evidence" / "gate").rglob("*-order.jpg")), "kept nowhere"
    small, whole, odd = (
        page.request.get(f"{box.url}/api/v1/cameras/gate/still{asked}")
        for asked in ("?width=480", "", "?width=481")
    )
    assert (small.status, whole.status, odd.status) == (200, 200, 422)
    assert 1000 < len(small.body()) < len(whole.body())
    page.get_by_role("button", name="Live picture of North gate").click()
    duty.sees("[data-name=gate] .tile[data-picture=live]")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("[data-name=gate] .tile")).to_have_count(0)
    duty.sees("[data-name=gate] .picture")


def test_a_camera_is_tried_out_added_changed_paused_and_removed(duty: Person, box: Manned) -> None:
    page, before = duty.page, box.text
    page.get_by_role("button", name="Add a camera").click()
    page.get_by_label("Address (RTSP)").fill(box.camera + "-nothing")
    page.get_by_role("button", name="Test").click()
    duty.sees("#tested:not(:empty)")
    duty.until(lambda: "Listening" not in page.locator("#tested").inner_text(), "a verdict")
    page.get_by_label("Address (RTSP)").fill(box.camera)
    expect(page.locator("#save")).to_be_disabled()
    page.get_by_role("button", name="Test").click()
    duty.sees("#verdicts li:first-child")
    duty.until(lambda: bool(page.locator("#shot").evaluate("it => it.naturalWidth >= 640")), "its picture")
    page.get_by_label("Name:").fill("south gate")
    page.get_by_label("As people call it").fill("南门 South")
    page.get_by_label("Camera's user").fill("admin")
    page.get_by_label("Camera's password").fill("sesame 17")
    page.locator("#save").click()
    duty.sees("#mistakes li:first-child", "name")
    assert box.text == before
    page.get_by_label("Name:").fill("south")
    page.locator("#save").click()
    duty.sees("[data-name=south] h2", "南门 South").sees("[data-name=south] .state", "live")
    assert box.text.startswith(before.rstrip("\n")), "every character of before"
    assert "password: !secret south-password" in box.text
    assert "sesame" not in box.text
    secret = box.file.parent / "secrets" / "south-password"
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("sesame 17", 0o600)

    south = page.locator("[data-name=south]")
    south.get_by_role("button", name="Edit").click()
    page.get_by_label("As people call it").fill("South")
    page.get_by_label("Pictures looked at").fill("2")
    page.locator("#save").click()
    duty.sees("[data-name=south] h2", "South")
    duty.until(lambda: south.locator("h2").inner_text() == "South", "its new title")
    assert "fps: 2" in box.text

    south.get_by_role("button", name="Pause").click()
    duty.sees("#toast", "Paused").sees("[data-name=south] .state", "paused")
    assert "enabled: false" in box.text
    south.get_by_role("button", name="Resume").click()
    duty.sees("[data-name=south] .state", "live")

    page.on("dialog", lambda dialog: dialog.accept())
    south.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Remove this camera").click()
    expect(south).to_have_count(0, timeout=PATIENCE * 1000)
    assert box.text.strip() == before.strip()


def test_whoever_saves_second_is_told_of_the_first(duty: Person, box: Manned) -> None:
    page = duty.page
    page.locator("[data-name=gate]").get_by_role("button", name="Edit").click()
    duty.sees("#setup")
    box.file.write_text(box.text + "# and somebody else\n", "utf-8")
    page.get_by_label("As people call it").fill("Mine")
    page.locator("#save").click()
    duty.sees("#unsaved", "Somebody else changed the site file")
    assert "# and somebody else" in box.text
    assert "Mine" not in box.text


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_on_a_phone(browser: Browser, box: Manned, locale: str) -> None:
    duty = box.person(browser, "/cameras", locale=locale, **PHONE)
    duty.sees("[data-name=gate] h2", "North gate")
    assert within(duty.page)
    duty.page.locator("#add").click()
    duty.sees("#setup")
    assert within(duty.page)
    assert not duty.faults
    duty.context.close()


def test_a_search_that_finds_nobody_says_so(duty: Person) -> None:
    """Nobody speaks ONVIF here, which is said."""
    duty.page.get_by_role("button", name="Add a camera").click()
    with alone():
        duty.page.get_by_role("button", name="Search the network").click()
        duty.sees("#sought", "No camera answered")


def test_an_address_beyond_a_router_is_asked_itself(duty: Person) -> None:
    page = duty.page
    page.get_by_role("button", name="Add a camera").click()
    with discoverable(CLIP, "admin", "sesame 17") as camera, camera.found():
        page.get_by_label("Beyond a router").fill(f"192.0.2.77, {here()}")
        page.get_by_role("button", name="Search the network").click()
        duty.sees("#found li:first-child", here())
