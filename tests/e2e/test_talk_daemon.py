"""The whole gateway with its console: a site file, a camera, and two browsers."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.support.console import DUTY, Person, chrome
from tests.support.daemon import Gateway, site, stream
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

TALK = """
http: {{listen: "127.0.0.1:{port}"}}
access:
  tokens:
    - {{name: duty, secret: "{token}", may: [publish, watch, speak], groups: ["*"], members: ["*"], cameras: ["*"]}}
talk:
  groups:
    - name: patrol
      silence: 30s
      members: [{{name: centre, role: operator, priority: 9}}, {{name: badge-17, role: body_camera}}]
"""


def test_a_site_file_is_all_it_takes_to_talk_and_to_see_its_cameras(
    broker: Mosquitto, storage: Path, tmp_path: Path, demo_clip: Path
) -> None:
    port = free_port()
    with RtspServer(files=[demo_clip]) as camera:
        text = site(broker=broker.port, storage=storage, streams=stream("gate", camera.url))
        with (
            Gateway(tmp_path, text + TALK.format(port=port, token=DUTY)) as gateway,
            sync_playwright() as playwright,
            chrome(playwright) as browser,
        ):
            url = gateway.wait("web.listening")["url"]
            centre, badge = (
                Person(browser, url).joins("centre"),
                Person(browser, url, locale="zh-CN").joins("badge-17"),
            )
            centre.presses().speaks()
            badge.hears("centre")
            centre.lets_go()
            badge.sees("#speaker[data-state=idle]", "频道空闲").presses().speaks()
            centre.hears("badge-17")
            viewer = Person(browser, url).opens("/live", DUTY)
            viewer.page.get_by_label("gate").check()
            viewer.sees(".tile[data-picture=live]")
            assert not [*centre.faults, *badge.faults, *viewer.faults]
    spoken = [line["member"] for line in gateway.lines if line["event"] == "talk.spoke"]
    assert spoken == ["centre", "badge-17"]
