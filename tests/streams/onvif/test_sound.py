"""Whether a camera says that it has a loudspeaker, and which of its streams leads to it."""

from typing import Any

import pytest

from streams.onvif.device import connect
from streams.onvif.errors import NoService
from streams.onvif.sound import Sound, sound
from tests.support.onvif_device import OnvifDevice
from tests.support.onvif_xml import ENVELOPE, Picture, profile1

PATIENT = 30.0
OUTPUTS = '<trt:GetAudioOutputsResponse><trt:AudioOutputs token="ao1"/></trt:GetAudioOutputsResponse>'
OPTIONS = (
    "<trt:GetAudioDecoderConfigurationOptionsResponse><trt:Options>"
    "<tt:AACDecOptions><tt:Bitrate><tt:Items>64</tt:Items></tt:Bitrate><tt:SampleRateRange><tt:Items>16</tt:Items>"
    "</tt:SampleRateRange></tt:AACDecOptions>"
    "<tt:G711DecOptions><tt:Bitrate><tt:Items>64</tt:Items></tt:Bitrate><tt:SampleRateRange><tt:Items>8</tt:Items>"
    "</tt:SampleRateRange></tt:G711DecOptions>"
    "</trt:Options></trt:GetAudioDecoderConfigurationOptionsResponse>"
)
CARRIES = (
    '<tt:Extension><tt:AudioOutputConfiguration token="aoc"><tt:Name>o</tt:Name><tt:UseCount>1</tt:UseCount>'
    "<tt:OutputToken>ao1</tt:OutputToken><tt:OutputLevel>50</tt:OutputLevel></tt:AudioOutputConfiguration>"
    '<tt:AudioDecoderConfiguration token="adc"><tt:Name>d</tt:Name><tt:UseCount>1</tt:UseCount>'
    "</tt:AudioDecoderConfiguration></tt:Extension></trt:Profiles>"
)
PROFILES = (
    "<trt:GetProfilesResponse>"
    + profile1(Picture("main", (1920, 1080)))
    + profile1(Picture("sub", (640, 360))).replace("</trt:Profiles>", CARRIES)
    + "</trt:GetProfilesResponse>"
)


def said(**answers: str) -> dict[str, bytes]:
    return {operation: ENVELOPE.format(content).encode() for operation, content in answers.items()}


async def told(**options: Any) -> Sound:
    async with OnvifDevice(**options) as camera, connect("127.0.0.1", camera.port, timeout=PATIENT) as device:
        return await sound(device)


async def test_a_loudspeaker_what_it_takes_and_the_stream_that_leads_to_it() -> None:
    answers = said(GetAudioOutputs=OUTPUTS, GetAudioDecoderConfigurationOptions=OPTIONS, GetProfiles=PROFILES)
    assert await told(answers=answers) == Sound(1, ("g711", "aac"), ("sub",))


async def test_one_that_is_in_no_profile() -> None:
    assert await told(answers=said(GetAudioOutputs=OUTPUTS)) == Sound(1, (), ())


@pytest.mark.parametrize(
    "answers", [{}, said(GetAudioOutputs="<trt:GetAudioOutputsResponse/>"), {"GetAudioOutputs": b"<rubbish"}]
)
async def test_no_loudspeaker(answers: dict[str, bytes]) -> None:
    assert await told(answers=answers) == Sound(0, (), ())


async def test_a_camera_without_a_media_service() -> None:
    with pytest.raises(NoService):
        await told(services=("ptz",))
