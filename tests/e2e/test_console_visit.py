"""A technician with a phone at a new box: first start, a camera found, a zone drawn, an event that appears, a case
dispatched, and the file changed by hand meanwhile. $SANDWATCH_SCREENSHOTS: a folder that gets a picture of every step."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect, sync_playwright

from tests.support.console import PATIENCE, PHONE, Person, chrome
from tests.support.daemon import Gateway, site
from tests.support.discoverable import discoverable, here
from tests.support.fitting import within
from tests.support.manned import CLIP, PASSWORD
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.proxy import FaultyLine
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

USER, WORD = "admin", "sesame 17/cr@t"
SITE = """\
# The box of the river bend 河湾
http: {{listen: "127.0.0.1:{port}"}}
allow_networks: ["127.0.0.0/8", "{here}/32"]  # the cameras' cable
"""
YARD = """\
  - name: yard
    title: Old yard  # it was here before
    url: "{url}"
    connect_timeout: 30s  # a loaded machine may hold its server for seconds
    read_timeout: 30s
"""

Shot = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Box:
    """line: to the camera that is there already."""

    url: str
    gateway: Gateway
    line: FaultyLine
    file: Path


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    port = free_port()
    with Mosquitto(tmp_path) as broker, RtspServer(files=[CLIP]) as yard, FaultyLine(yard.port) as line:
        streams = YARD.format(url=f"rtsp://127.0.0.1:{line.port}/cam")
        head = SITE.format(port=port, here=here())
        text = head + site(broker=broker.port, storage=tmp_path / "storage", streams=streams)
        with Gateway(tmp_path, text, SANDWATCH_SECRETS_DIR=str(tmp_path / "secrets")) as gateway:
            gateway.wait("camera.live", camera="yard")
            gateway.wait("web.listening")
            yield Box(f"http://127.0.0.1:{port}", gateway, line, tmp_path / "site.yaml")


@pytest.fixture
def phone(box: Box) -> Iterator[Person]:
    with sync_playwright() as playwright, chrome(playwright) as browser:
        person = Person(browser, box.url, **PHONE)
        yield person
        assert not person.faults


@pytest.fixture
def shot(phone: Person, tmp_path: Path) -> Iterator[Shot]:
    """What the phone shows; what is wider than the phone fails the test."""
    folder = tmp_path / "screenshots"
    folder.mkdir()

    def taken(step: str) -> None:
        assert within(phone.page), step
        number = len(list(folder.iterdir())) + 1
        phone.page.screenshot(path=folder / f"{number:02}-{step}.png")

    yield taken
    if kept := os.environ.get("SANDWATCH_SCREENSHOTS"):
        shutil.copytree(folder, kept, dirs_exist_ok=True)


def test_a_box_is_set_up_with_a_phone(box: Box, phone: Person, shot: Shot) -> None:
    connections = box.line.connections
    with discoverable(CLIP, USER, WORD) as camera:
        starts(box, phone, shot)
        with camera.found():
            finds(phone, shot)
        adds(box, phone, shot)
        draws(box, phone, shot)
        answers(phone, shot)
        is_changed_by_hand(box, phone, shot)
    assert box.line.connections == connections
    states = [line["event"] for line in box.gateway.lines if line.get("camera") == "yard"]
    assert states == ["camera.connecting", "camera.live"], "the other camera never noticed"
    assert box.gateway.stop() == 0
    counts = next(line for line in reversed(box.gateway.lines) if line["event"] == "daemon.stopping")
    yard = counts["cameras"]["yard"]
    assert (yard["reconnects"], yard["stalls_per_hour"], yard["spoilt"]) == (0, 0, 0)


def starts(box: Box, phone: Person, shot: Shot) -> None:
    page, code = phone.page, box.gateway.wait("accounts.first_start")["code"]
    page.goto(box.url)
    page.get_by_role("button", name="First start").tap()
    shot("first-start")
    page.get_by_label("Code").fill(code)
    page.locator("#name").fill("li")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").tap()
    phone.sees("#flow[data-phase=up]")
    page.goto(box.url + "/cameras")
    phone.sees("[data-name=yard] h2", "Old yard").sees("[data-name=yard] .state", "live")
    pictured(phone, page.locator("[data-name=yard] img.still"))
    shot("cameras")


def finds(phone: Person, shot: Shot) -> None:
    page = phone.page
    page.get_by_role("button", name="Add a camera").tap()
    page.get_by_role("button", name="Search the network").tap()
    phone.sees("#sought", "Found: 1").sees("#found li:first-child", "give user and password")
    shot("found")
    page.get_by_label("Camera's user").fill(USER)
    page.get_by_label("Camera's password").fill(WORD)
    page.get_by_role("button", name="Search the network").tap()
    phone.sees("#found li:first-child", f"rtsp://{here()}:")
    shot("its-streams")
    page.locator("#found").get_by_role("button", name="Use").tap()
    phone.sees("#verdicts li:first-child")
    pictured(phone, page.locator("#shot"))
    page.locator("#shot").scroll_into_view_if_needed()
    shot("tried-out")


def adds(box: Box, phone: Person, shot: Shot) -> None:
    page, before = phone.page, box.file.read_text("utf-8")
    page.get_by_label("Name:").fill("gate")
    page.get_by_label("As people call it").fill("North gate")
    shot("named")
    page.locator("#save").tap()
    phone.sees("[data-name=gate] h2", "North gate").sees("[data-name=gate] .state", "live")
    page.locator("[data-name=gate]").scroll_into_view_if_needed()
    pictured(phone, page.locator("[data-name=gate] img.still"))
    shot("live")
    text = box.file.read_text("utf-8")
    assert text.startswith(before.rstrip("\n")), "every character of before"
    assert WORD not in text
    assert "onvif:" in text


def draws(box: Box, phone: Person, shot: Shot) -> None:
    page = phone.page
    page.locator("[data-name=gate]").get_by_role("link", name="Zones").tap()
    pictured(phone, page.locator("#seen"))
    page.get_by_role("button", name="New zone").tap()
    area = page.locator("#canvas").bounding_box()
    assert area is not None
    for x, y in ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)):
        page.touchscreen.tap(area["x"] + x * area["width"], area["y"] + y * area["height"])
    shot("drawing")
    page.get_by_role("button", name="Done").tap()
    phone.sees('#shapes [data-shape="zone-1"]')
    shot("zone")
    page.get_by_role("button", name="+ stays in a zone").tap()
    rule = page.locator('[data-rule="zone-1"]')
    rule.locator("summary").tap()
    rule.get_by_label("Stays at least").fill("0.5")
    shot("rule")
    page.get_by_role("button", name="Save").tap()
    phone.sees("#toast", "Saved")
    shot("saved")
    assert "zone-1: [[" in box.file.read_text("utf-8")


def answers(phone: Person, shot: Shot) -> None:
    page = phone.page
    page.goto(page.url.partition("/zones")[0] + "/events")
    phone.sees("#flow[data-phase=up]").sees("#rows li:nth-child(1)", "Vehicle in a zone")
    page.evaluate("window.same = true")
    lines = page.locator("#rows .row")
    before = lines.count()
    phone.until(lambda: lines.count() > before, "another event, by itself")
    assert page.evaluate("window.same"), "without the page being loaded anew"
    shot("events")
    lines.last.tap()
    pictured(phone, page.locator("#detail .file img").first)
    shot("event")
    page.get_by_role("link", name="Go to its case").tap()
    page.locator("summary", has_text="Dispatch").tap()
    page.get_by_label("Unit").fill("River patrol 2")
    page.locator("form[data-verb=dispatch] button").tap()
    phone.sees("#detail h2", "dispatched").sees("#detail dl", "River patrol 2")
    shot("dispatched")


def is_changed_by_hand(box: Box, phone: Person, shot: Shot) -> None:
    """With an editor on the box, while the page is open."""
    page, text = phone.page, box.file.read_text("utf-8")
    page.goto(box.url + "/cameras")
    phone.sees("[data-name=yard] h2", "Old yard")
    box.file.write_text(text.replace("title: Old yard ", "title: New yard "), "utf-8")
    phone.sees("[data-name=yard] h2:text('New yard')").sees("[data-name=yard] .state", "live")
    shot("changed-by-hand")
    expect(page.locator("#rows > li")).to_have_count(2, timeout=PATIENCE * 1000)


def pictured(phone: Person, picture: Locator) -> None:
    phone.until(lambda: bool(picture.evaluate("it => it.complete && it.naturalWidth >= 320")), "the picture")
