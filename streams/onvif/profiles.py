"""What streams a camera offers, and where. ONVIF Media (ver10) and Media2 (ver20) service specifications."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from lxml import etree
from pydantic import SecretStr

from streams.onvif import soap
from streams.onvif.addresses import stream_url
from streams.onvif.device import Device
from streams.onvif.errors import Rubbish
from streams.onvif.reading import at, items, number, text, whole
from streams.onvif.soap import Service

log = structlog.get_logger()

# A recorder's profiles are one or two per channel; each costs a request for its address. Whoever wants a
# channel beyond the sixteenth writes its address into the settings.
MOST_PROFILES = 32

# The narrowest picture in which a lorry 50 m away is still some 20 px wide, px.
NARROWEST_SUB = 320

_CODECS = {"H264": "h264", "H265": "hevc", "JPEG": "mjpeg", "MPEG4": "mpeg4", "MPV4-ES": "mpeg4"}


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream. width, height: px. fps: Hz, gop: pictures from key to key; None where it is not told.

    stream_url: without the camera's login (a SecretStr because some makers put one into the path); None only
        until `profiles` has asked for it.
    ptz: whether pan, tilt and zoom go with this profile.
    """

    token: str
    name: str
    codec: str
    width: int
    height: int
    fps: float | None
    gop: int | None
    ptz: bool
    stream_url: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """main: most pixels, for proof. sub: for analysis; None where there is nothing smaller."""

    main: Profile
    sub: Profile | None


def choose(profiles: Sequence[Profile]) -> Choice | None:
    """The streams to use; None where there is none. Pure."""
    if not profiles:
        return None
    main = max(profiles, key=_pixels)
    smaller = [each for each in profiles if each.width >= NARROWEST_SUB and _pixels(each) < _pixels(main)]
    return Choice(main, min(smaller, key=_pixels, default=None))


def _pixels(profile: Profile) -> int:
    return profile.width * profile.height


async def profiles(device: Device) -> tuple[Profile, ...]:
    """Every video profile with a usable address; by Media2 where the camera has it (H.265 shows only there).

    Raises OnvifError; Rubbish where neither service gives a profile.
    """
    if device.has(soap.MEDIA2):
        try:
            return await _by_media2(await device.service(soap.MEDIA2), device)
        except Rubbish as error:
            log.info("onvif.no_media2", where=device.where, why=str(error))
    return await _by_media1(await device.service(soap.MEDIA), device)


async def _by_media1(media: Service, device: Device) -> tuple[Profile, ...]:
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}

    async def address(token: str) -> object:
        return at(await media.call("GetStreamUri", StreamSetup=setup, ProfileToken=token), "Uri")

    found = [_profile1(answer) for answer in items(await media.call("GetProfiles"))]
    return await _addressed(found, address, device)


async def _by_media2(media: Service, device: Device) -> tuple[Profile, ...]:
    async def address(token: str) -> object:
        answer = await media.plain(soap.MEDIA2, "GetStreamUri", Protocol="RTSP", ProfileToken=token)
        return _inner(answer, "Uri")

    answer = await media.plain(soap.MEDIA2, "GetProfiles", Type="All")
    return await _addressed([_profile2(each) for each in _children(answer, "Profiles")], address, device)


async def _addressed(found: Sequence[Profile | None], address: Any, device: Device) -> tuple[Profile, ...]:
    """With their addresses; those without one, or with one that cannot be used, are left out."""
    usable: list[Profile] = []
    for profile in [each for each in found if each is not None][:MOST_PROFILES]:
        try:
            told = await address(profile.token)
        except Rubbish:
            told = None
        url = stream_url(told, device.host) if isinstance(told, str) else None
        if url is None:
            log.info("onvif.profile_without_stream", where=device.where, profile=profile.name)
        else:
            usable.append(replace(profile, stream_url=url))
    if not usable:
        raise Rubbish(device.where)
    return tuple(usable)


def _profile1(answer: Any) -> Profile | None:
    encoder = at(answer, "VideoEncoderConfiguration")
    gops = [whole(at(encoder, kind, "GovLength")) for kind in ("H264", "MPEG4")]
    return _profile(
        token=at(answer, "token"),
        name=at(answer, "Name"),
        encoding=at(encoder, "Encoding"),
        size=(at(encoder, "Resolution", "Width"), at(encoder, "Resolution", "Height")),
        fps=at(encoder, "RateControl", "FrameRateLimit"),
        gop=next((gop for gop in gops if gop is not None), None),
        ptz=at(answer, "PTZConfiguration") is not None,
    )


def _profile2(answer: etree._Element) -> Profile | None:
    encoder = _inside(answer, "Configurations", "VideoEncoder")
    return _profile(
        token=answer.get("token"),
        name=_inner(answer, "Name"),
        encoding=_inner(encoder, "Encoding"),
        size=(_inner(encoder, "Resolution", "Width"), _inner(encoder, "Resolution", "Height")),
        fps=_inner(encoder, "RateControl", "FrameRateLimit"),
        gop=None if encoder is None else encoder.get("GovLength"),
        ptz=_inside(answer, "Configurations", "PTZ") is not None,
    )


def _profile(
    *, token: Any, name: Any, encoding: Any, size: tuple[Any, Any], fps: Any, gop: Any, ptz: bool
) -> Profile | None:
    width, height = whole(size[0]), whole(size[1])
    codec = _CODECS.get((text(encoding) or "").upper())
    if not isinstance(token, str) or not token or codec is None or not width or not height:
        return None
    label = text(name) or text(token) or ""
    return Profile(token, label, codec, abs(width), abs(height), number(fps), whole(gop), ptz)


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [each for each in element if etree.QName(each).localname == name]


def _inside(element: etree._Element | None, *names: str) -> etree._Element | None:
    for name in names:
        element = next(iter(_children(element, name)), None) if element is not None else None
    return element


def _inner(element: etree._Element | None, *names: str) -> str | None:
    found = _inside(element, *names)
    return None if found is None else found.text
