"""A camera that beeps, over RTSP, in a real Chromium: passed on, converted, or silent with the reason."""

from pathlib import Path
from typing import Any, Literal

import pytest

from relay.live import show
from tests.support.rtsp import RtspServer
from tests.support.watching import box, browser, camera

pytestmark = pytest.mark.e2e

_TOGETHER = 0.08  # s; people notice sound that is 45 ms early or 125 ms late (ITU-R BT.1359)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine takes longer than a person waits."""
    monkeypatch.setattr(show, "_FIRST", 60.0)


def together(found: dict[str, Any]) -> bool:
    """The tone has been played for some seconds, nearly whole, and what is heard now is of the moment that is seen now."""
    times = [found.get(kind, {}).get("estimatedPlayoutTimestamp") for kind in ("audio", "video")]
    if None in times or found["audio"]["totalSamplesReceived"] < 4 * 48_000 or found["frames"] < 20:
        return False
    if found["audio"]["concealedSamples"] >= 0.1 * found["audio"]["totalSamplesReceived"]:
        return False
    return bool(abs(times[0] - times[1]) / 1000 < _TOGETHER)


@pytest.mark.parametrize(
    ("sound", "codec"),
    [("pcma", "audio/PCMA"), ("pcmu", "audio/PCMU"), ("opus", "audio/opus"), ("aac", "audio/opus")],
)
async def test_a_camera_is_heard_with_its_pictures(
    sound: Literal["pcma", "pcmu", "opus", "aac"], codec: str, tmp_path: Path
) -> None:
    with RtspServer(audio="with", sound=sound) as served:
        async with box(tmp_path, camera("gate", served.url)) as gateway, browser(gateway) as page:
            assert await page.watch("gate", sound=True) is None
            found = await page.until(together)
    audio, video = found["audio"], found["video"]
    assert (found["silent"], audio["mime"], video["mime"]) == (None, codec, "video/H264")
    assert audio["totalAudioEnergy"] > 0.1


async def test_who_hears_nothing_is_told_why_and_sees_the_pictures(tmp_path: Path) -> None:
    with RtspServer() as mute, RtspServer(audio="with", sound="aac") as loud:
        cameras = camera("mute", mute.url), camera("loud", loud.url)
        async with box(tmp_path, *cameras, transcode=0) as gateway, browser(gateway) as page:
            for number, (name, why) in enumerate({"mute": "none", "loud": "codec"}.items()):
                assert await page.watch(name, sound=True) is None
                found = await page.until(lambda found: found["frames"] >= 10, number)
                assert (found["silent"], "audio" in found) == (why, False)
