"""Whether a camera has a loudspeaker, and what it takes: ONVIF Media service specification (ver10), audio outputs
and decoders. What RTSP offers in the end is decided by the stream's profile; this says why it offers nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from streams.onvif import soap
from streams.onvif.device import Device
from streams.onvif.errors import Rubbish
from streams.onvif.reading import text
from streams.onvif.soap import Service

_DECODERS = {"G711DecOptions": "g711", "AACDecOptions": "aac", "G726DecOptions": "g726"}
_MOST = 64  # outputs or profiles that are counted: a recorder has as many channels


@dataclass(frozen=True, slots=True)
class Sound:
    """outputs: how many loudspeakers it has. codecs: "g711", "aac", "g726"; none where it does not tell.
    profiles: tokens of those whose stream carries sound to it."""

    outputs: int
    codecs: tuple[str, ...]
    profiles: tuple[str, ...]


async def sound(device: Device) -> Sound:
    """Raises OnvifError; NoService where the camera has no media service. One that does not know the question has no
    loudspeaker."""
    media = await device.service(soap.MEDIA)
    outputs = len((await _asked(media, "GetAudioOutputs")).findall("{*}AudioOutputs")[:_MOST])
    if not outputs:
        return Sound(0, (), ())
    options = await _asked(media, "GetAudioDecoderConfigurationOptions")
    codecs = (name for tag, name in _DECODERS.items() if options.find(f".//{{*}}{tag}") is not None)
    return Sound(outputs, tuple(codecs), tuple(_carrying(await _asked(media, "GetProfiles"))))


def _carrying(profiles: etree._Element) -> Iterator[str]:
    """Tokens. Read as XML: zeep forgets the names of what stands in a profile's extension."""
    for profile in profiles.findall("{*}Profiles")[:_MOST]:
        parts = ("AudioOutputConfiguration", "AudioDecoderConfiguration")
        token = text(profile.get("token"))
        if token and all(profile.find(f"{{*}}Extension/{{*}}{part}") is not None for part in parts):
            yield token


async def _asked(media: Service, operation: str) -> etree._Element:
    """The answer; an empty one where the camera refuses the question or answers it with rubbish."""
    try:
        return await media.plain(soap.MEDIA, operation)
    except Rubbish:
        return etree.Element("nothing")
