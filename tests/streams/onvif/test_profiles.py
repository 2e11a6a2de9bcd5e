from typing import Any

import pytest

from streams.onvif.device import connect
from streams.onvif.errors import Rubbish
from streams.onvif.profiles import Choice, Profile, choose, profiles
from tests.support.onvif_device import OnvifDevice
from tests.support.onvif_xml import Picture

PATIENT = 30.0


async def offered(**options: Any) -> tuple[Profile, ...]:
    async with OnvifDevice(**options) as camera, connect("127.0.0.1", camera.port, timeout=PATIENT) as device:
        return await profiles(device)


def url(profile: Profile) -> str:
    assert profile.stream_url is not None
    return profile.stream_url.get_secret_value()


async def test_by_media2_with_h265() -> None:
    main, sub, _ = await offered()
    assert (main.codec, main.width, main.height, main.fps, main.gop) == ("hevc", 2560, 1440, 25.0, 50)
    assert (main.token, main.name, main.ptz) == ("main", "main stream", True)
    assert url(sub) == "rtsp://127.0.0.1:554/sub"


async def test_by_media1_where_there_is_no_media2() -> None:
    found = await offered(services=("media",))
    assert [(each.token, each.codec, each.gop) for each in found] == [
        ("sub", "h264", 50),
        ("mini", "h264", 50),
    ]


async def test_by_media1_where_media2_answers_rubbish() -> None:
    def mangle(answer: bytes) -> bytes:
        return answer[:-40] if b"tr2:GetProfilesResponse" in answer else answer

    assert [each.token for each in await offered(mangle=mangle)] == ["sub", "mini"]


async def test_stream_addresses_behind_a_port_forward_and_without_the_login() -> None:
    found = await offered(reported="192.168.1.64:80", stream="rtsp://admin:secret@{host}/{token}?a=1&b=2")
    assert url(found[0]) == "rtsp://127.0.0.1/main?a=1&b=2"
    assert "secret" not in repr(found)


async def test_a_profile_without_a_usable_address_is_left_out() -> None:
    pictures = [
        Picture("main", (1920, 1080)),
        Picture("bad", (640, 360), encoding="VENDOR+"),
        Picture("none", (0, 0)),
    ]
    found = await offered(pictures=pictures)
    assert [each.token for each in found] == ["main"]


@pytest.mark.parametrize("options", [{"services": ("ptz",)}, {"pictures": []}, {"stream": "http://x/y"}])
async def test_no_profiles_at_all(options: dict[str, Any]) -> None:
    with pytest.raises(Rubbish):
        await offered(**options)


def picture(width: int, height: int) -> Profile:
    return Profile(f"{width}", "x", "h264", width, height, 25.0, 50, ptz=False)


def test_main_is_the_largest_and_sub_the_smallest_that_still_shows_a_lorry() -> None:
    large, middle, small = picture(2560, 1440), picture(640, 360), picture(160, 90)
    assert choose([small, large, middle]) == Choice(large, middle)
    assert choose([large]) == Choice(large, None)
    assert choose([small]) == Choice(small, None)
    assert choose([]) is None
