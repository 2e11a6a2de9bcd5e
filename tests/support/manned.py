"""A running gateway with a camera, and its first administrator in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.support.console import Person
from tests.support.daemon import Gateway, site, stream
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.rtsp import RtspServer

PASSWORD = "river sand truck 17"
CLIP = Path(__file__).parents[2] / "config/demo/clip.mp4"

_HEAD = """\
# Written by hand. 手工编写
http: {{listen: "127.0.0.1:{port}"}}
allow_networks: ["127.0.0.0/8"]  # the tests' cameras
"""


@dataclass(frozen=True, slots=True)
class Manned:
    """kept: what the administrator's browser keeps. camera: the one that streams, to paste."""

    url: str
    kept: Any
    file: Path
    camera: str
    gateway: Gateway

    @property
    def text(self) -> str:
        return self.file.read_text("utf-8")

    def person(self, browser: Browser, path: str, **how: Any) -> Person:
        """Signed in."""
        person = Person(browser, self.url, storage_state=self.kept, **how)
        person.page.goto(self.url + path)
        return person.sees("#flow[data-phase=up]")


@contextmanager
def manned(
    browser: Browser, folder: Path, more: str = "title: North gate  # by the river", talk: str = ""
) -> Iterator[Manned]:
    """more: further keys of the camera "gate". talk: further parts of the site."""
    port = free_port()
    with Mosquitto(folder) as broker, RtspServer(files=[CLIP]) as camera:
        streams = stream("gate", camera.url, more)
        text = (
            _HEAD.format(port=port)
            + talk
            + site(broker=broker.port, storage=folder / "storage", streams=streams)
        )
        secrets = str(folder / "secrets")
        with Gateway(folder, text, SANDWATCH_SECRETS_DIR=secrets) as gateway:
            code = gateway.wait("accounts.first_start")["code"]
            gateway.wait("web.listening")
            url = f"http://127.0.0.1:{port}"
            yield Manned(url, _begun(browser, url, code), folder / "site.yaml", camera.url, gateway)


def _begun(browser: Browser, url: str, code: str) -> Any:
    person = Person(browser, url)
    page = person.page
    page.goto(url + "/cameras")
    page.get_by_role("button", name="First start").click()
    page.get_by_label("Code").fill(code)
    page.locator("#name").fill("duty")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    person.sees("#me", "duty · administrator")
    assert not person.faults
    kept = person.context.storage_state()
    person.context.close()
    return kept
