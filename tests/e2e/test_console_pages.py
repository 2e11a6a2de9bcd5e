"""The console's pages as people use them: a running gateway with a camera, and Chromium."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.support.console import PHONE, Person
from tests.support.daemon import Gateway, site, stream
from tests.support.fitting import within
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

PASSWORD = "river sand truck 17"
PAGES = ("/events", "/cases", "/cameras")
MILD = "<img src=x onerror=document.title='taken'> a farmer's own sand"

Arrive = Callable[..., Person]


@dataclass(frozen=True, slots=True)
class Box:
    """duty: what the browser of the first administrator keeps."""

    url: str
    duty: Any


@pytest.fixture(scope="module")
def box(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """With a camera that sees trucks; the first administrator has signed in by the code of its journal."""
    folder, port = tmp_path_factory.mktemp("box"), free_port()
    clip = Path(__file__).parents[2] / "config/demo/clip.mp4"
    with Mosquitto(folder) as broker, RtspServer(files=[clip]) as camera:
        streams = stream("gate", camera.url, "title: North gate\nclip: {before: 1s, after: 1s}")
        text = site(broker=broker.port, storage=folder / "storage", streams=streams)
        with Gateway(folder, f"http: {{listen: '127.0.0.1:{port}'}}\n{text}") as gateway:
            code = gateway.wait("accounts.first_start")["code"]
            gateway.wait("web.listening")
            yield begun(browser, f"http://127.0.0.1:{port}", code)


def begun(browser: Browser, url: str, code: str) -> Box:
    """The first start, at the page."""
    person = Person(browser, url)
    page = person.page
    page.goto(url + "/events")
    page.get_by_role("button", name="First start").click()
    page.get_by_label("Code").fill("not the code")
    page.get_by_label("Name").fill("duty")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    person.sees("#why", "not the code of the first start")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()
    person.sees("#me", "duty · administrator").sees("#flow[data-phase=up]", "Live")
    assert not person.faults
    kept = person.context.storage_state()
    person.context.close()
    return Box(url, kept)


@pytest.fixture
def person(browser: Browser, box: Box) -> Iterator[Arrive]:
    """Arrive at the console; whose page complained of anything fails the test."""
    people: list[Person] = []

    def arrive(**how: Any) -> Person:
        people.append(Person(browser, box.url, **how))
        return people[-1]

    yield arrive
    for one in people:
        assert not one.faults
        one.context.close()


def test_an_event_appears_by_itself_and_its_picture_and_clip_open(person: Arrive, box: Box) -> None:
    duty = person(storage_state=box.duty)
    page = duty.page
    page.goto(box.url + "/events")
    page.evaluate("window.same = true")
    lines = page.locator("#rows .row")
    duty.sees("#rows li:nth-child(1)", "Vehicle in a zone").sees("#flow[data-phase=up]")
    before = lines.count()
    duty.until(lambda: lines.count() > before, "another event")
    duty.sees("#rows li:nth-child(1)", "North gate")
    lines.last.focus()
    page.keyboard.press("Enter")
    picture = page.locator("#detail .file img").first
    duty.until(lambda: bool(picture.evaluate("it => it.naturalWidth >= 640")), "the picture")
    assert "North gate" in (picture.get_attribute("alt") or "")
    answer = page.request.get(box.url + str(picture.locator("..").get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    clip = page.locator("#detail .file video")
    duty.until(lambda: clip.count() > 0 and bool(clip.evaluate("it => it.duration > 1")), "the clip")
    duty.sees("#detail .course", "began")
    assert page.evaluate("window.same"), "without the page being loaded anew"


def test_the_list_shows_what_is_asked_for(person: Arrive, box: Box) -> None:
    duty = person(storage_state=box.duty)
    duty.page.goto(box.url + "/events")
    duty.sees("#rows li:nth-child(1)")
    severity = str(duty.page.locator("#rows .mark").first.get_attribute("data-kind"))
    duty.page.get_by_label("Severity").select_option("critical" if severity != "critical" else "low")
    duty.sees("#none", "No events")
    duty.page.get_by_label("Severity").select_option(severity)
    duty.sees("#rows li:nth-child(1)")
    duty.page.get_by_label("Type").select_option("land.disturbance")
    duty.sees("#none", "No events")
    duty.page.reload()
    duty.sees("#none", "No events")
    duty.page.goto(box.url + "/events?camera=gate")
    duty.sees("#rows li:nth-child(1)", "North gate")


def test_a_case_is_dispatched_and_closed_and_reopened(person: Arrive, box: Box) -> None:
    duty = person(storage_state=box.duty)
    page = duty.page
    page.goto(box.url + "/events")
    page.locator("#rows .row").last.click()
    page.get_by_role("link", name="Go to its case").click()
    duty.sees("#detail h2", "Vehicle in a zone")
    case = page.url.partition("#")[2]
    page.locator("summary", has_text="Dispatch").click()
    page.get_by_label("Unit").fill("River patrol 2")
    page.get_by_label("Officers").fill("Li\nWang")
    page.locator("form[data-verb=dispatch] button").click()
    duty.sees("#detail dl", "River patrol 2").sees("#detail dl", "Li, Wang")
    duty.sees("#detail h2", "dispatched")
    page.locator("summary", has_text="Close the case").click()
    page.get_by_label("What was found").fill(MILD)
    page.locator("form[data-verb=close] button").click()
    duty.sees("#detail h2", "closed").sees("#detail .course", MILD)
    assert page.title() == "Cases · Sandwatch"
    expect(page.locator(f'#rows [href="#{case}"]')).to_have_count(0)
    page.get_by_label("Show").select_option("all")
    duty.sees(f'#rows [href="#{case}"]', "closed")
    page.locator("summary", has_text="Reopen").click()
    page.locator("form[data-verb=reopen] button").click()
    duty.sees(f'#rows [href="#{case}"] .mark:not([data-kind=closed])')


def test_a_viewer_in_chinese_with_a_phone_sees_but_does_not_answer(person: Arrive, box: Box) -> None:
    duty = person(storage_state=box.duty)
    duty.page.goto(box.url + "/cameras")
    duty.sees("#rows [data-name=gate]", "North gate")
    duty.page.evaluate(
        """async (password) => {
          const { me, send } = await import("/console/api.js");
          await me();
          await send("/users", { name: "look", password, role: "viewer" }).catch(() => null);
        }""",
        PASSWORD,
    )
    viewer = person(locale="zh-CN", **PHONE)
    page = viewer.page
    page.goto(box.url + "/cameras")
    page.get_by_label("用户名", exact=True).fill("look")
    page.get_by_label("密码", exact=True).fill("something else")
    page.get_by_role("button", name="继续").click()
    viewer.sees("#why", "用户名或密码不正确")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="继续").click()
    viewer.sees("#me", "look · 查看者").sees("#rows [data-name=gate] dl", "每秒帧数")
    duty.until(lambda: "兆比特" in page.locator("#rows").inner_text(), "its bit rate")
    for path in PAGES:
        page.goto(box.url + path)
        viewer.sees("#rows li:nth-child(1)")
        assert within(page), path
    page.goto(box.url + "/cases")
    page.locator("#rows .row").first.click()
    viewer.sees("#detail .course", "立案")
    expect(page.locator("#rows")).to_be_hidden()
    assert page.locator("#detail form").count() == 0
    assert within(page)
    page.get_by_role("link", name="返回列表").click()
    viewer.sees("#rows")
    page.get_by_role("button", name="退出").click()
    viewer.sees("#login")
    expect(page.locator("#page")).to_be_hidden()
