"""/health: plots of what was sampled, and the doctor, in Chromium."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from edge.accounts.roles import Role
from edge.api.samples import Sample
from tests.support.console import PHONE
from tests.support.consoles import ApiBox
from tests.support.desk import Arrive, Desk, arriving
from tests.support.fitting import within

pytestmark = pytest.mark.e2e


@pytest.fixture
def arrive(browser: Browser, desk: Desk) -> Iterator[Arrive]:
    with arriving(browser, desk, "/health", Role.TECHNICIAN) as one:
        yield one


def sampled(desk: Desk, number: int) -> None:
    """The processor's share rises; a sensor for warmth there is none; the camera was away in between."""

    async def work(box: ApiBox) -> None:
        now = time.time()
        for n in range(number):
            told = {
                "cpu": n / number,
                "memory": 0.5,
                "disk": 0.25,
                "celsius": None,
                "waiting": 7.0,
                "waiting_s": 90.0,
            }
            fps = None if number // 3 < n < number // 2 else 25.0
            at = now - 10.0 * (number - n)
            box.parts.samples.add(Sample(at, told, {"gate": {"fps": fps, "stalls": 2.0}}))

    desk.do(work)


def test_plots_of_the_hour_and_of_the_day(arrive: Arrive, desk: Desk) -> None:
    technician = arrive()
    page = technician.page
    technician.sees("#waiting", "as soon as two samples")
    sampled(desk, 200)
    page.reload()
    plots = page.locator(".plot")
    technician.sees(".plot:first-child", "Processor").sees(".plot:first-child output", "100 %")
    words = page.locator("#plots").inner_text()
    assert "Temperature" not in words, "this box has no sensor"
    assert "90 s" in words
    expect(plots).to_have_count(7)
    line = str(plots.first.locator("polyline").get_attribute("points")).split()
    assert len(line) == 200
    heights = [float(each.split(",")[1]) for each in line]
    assert heights == sorted(heights, reverse=True), "it rises"
    fps = page.locator(".plot", has_text="Pictures per second")
    expect(fps.locator("polyline")).to_have_count(2)  # with a gap where nothing was known
    assert "Gate 25" in fps.inner_text()
    page.get_by_role("button", name="Last day").click()
    technician.until(
        lambda: len(str(plots.first.locator("polyline").get_attribute("points")).split()) == 6, "means"
    )


def test_the_doctors_lines_for_technicians_alone(arrive: Arrive, desk: Desk) -> None:
    sampled(desk, 5)
    technician = arrive()
    technician.sees("#lines", "Memory").sees("#lines", "available")
    viewer = arrive(Role.VIEWER, locale="zh-CN", **PHONE)
    viewer.sees(".plot:first-child", "处理器占用")
    expect(viewer.page.locator("#doctor")).to_be_hidden()
    assert within(viewer.page)
