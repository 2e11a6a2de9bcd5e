"""The loudspeaker in a camera's description of its stream. Pure.

SDP (RFC 8866) as RTSP uses it (RFC 2326, appendix C); ONVIF Streaming Specification, 5.3: directions are the
client's, so `a=sendonly` is sound for the camera. Payload types: RFC 3551; AAC: RFC 3640.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    PCMA = "pcma"
    PCMU = "pcmu"
    AAC = "aac"


# G.711 first: no camera's encoder is better than the loudspeaker behind it, and AAC waits for 1024 samples. A-law
# is the one at home here (ITU-T G.711: A-law outside North America and Japan).
_PREFERENCE = tuple(Encoding)
_NAMES = {"pcma": Encoding.PCMA, "pcmu": Encoding.PCMU, "mpeg4-generic": Encoding.AAC}
_STATIC = {0: "PCMU/8000", 8: "PCMA/8000"}
_RATES = {Encoding.PCMA: (8000, 16000), Encoding.PCMU: (8000, 16000)}
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_MOST = 64  # media sections that are looked at: a recorder describes one channel at a time

_MAP = re.compile(r"([0-9]{1,3}) +([\w-]+)/([0-9]{1,6})(?:/([12]))? *$")
_FORMAT = re.compile(r"([0-9]{1,3}) +(.*)$")


@dataclass(frozen=True, slots=True)
class Form:
    """How sound is packed. rate: samples per s; samples: per packet and channel."""

    encoding: Encoding
    rate: int
    channels: int
    samples: int

    @property
    def seconds(self) -> float:
        """Length of a packet."""
        return self.samples / self.rate


@dataclass(frozen=True, slots=True)
class Taken:
    """One way in which the loudspeaker takes sound. control: its media's address as the description has it."""

    control: str
    payload_type: int
    encoding: Encoding
    rate: int
    channels: int

    def form(self, packet_time: float) -> Form:
        """packet_time: s; AAC has its own, 1024 samples."""
        samples = 1024 if self.encoding is Encoding.AAC else round(self.rate * packet_time)
        return Form(self.encoding, self.rate, self.channels, samples)


def described(sdp: str) -> tuple[bool, tuple[Taken, ...]]:
    """Whether there is a loudspeaker at all, and what it takes of what we can send."""
    speakers = [section for section in _sections(sdp) if section.is_loudspeaker]
    return bool(speakers), tuple(taken for section in speakers for taken in section.taken())


def choose(taken: Iterable[Taken], wish: Encoding | None) -> Taken | None:
    """wish: this one or none. Else G.711, A-law before u-law, before AAC; the lower rate first, which all know."""
    fitting = [each for each in taken if wish in (None, each.encoding)]
    return min(fitting, key=lambda each: (_PREFERENCE.index(each.encoding), each.rate), default=None)


def address(base: str, control: str) -> str:
    """Where to SET UP. base: Content-Base, or what was asked for. Joined as all cameras mean it, with a slash, and
    not as RFC 3986 would, which cuts the path's last part off."""
    if control == "*" or not control:
        return base
    if "://" in control:
        return control
    return f"{base.removesuffix('/')}/{control.removeprefix('/')}"


class _Section:
    """One m= line and what follows it."""

    def __init__(self, media: str) -> None:
        words = media.split()
        self._audio = words[:1] == ["audio"]
        self._types = [
            int(word) for word in words[3:] if word.isascii() and word.isdigit() and len(word) <= 3
        ]
        self._names = dict(_STATIC)
        self._parameters: dict[int, str] = {}
        self._control = ""
        self._sends = False

    @property
    def is_loudspeaker(self) -> bool:
        return self._audio and self._sends

    def note(self, attribute: str) -> None:
        name, _, value = attribute.partition(":")
        match name:
            case "sendonly":
                self._sends = True
            case "control" if not re.search(r"\s", value.strip()):
                self._control = value.strip()
            case "rtpmap" if found := _MAP.match(value):
                self._names[int(found[1])] = value.split(None, 1)[1].strip()
            case "fmtp" if found := _FORMAT.match(value):
                self._parameters[int(found[1])] = found[2].lower()

    def taken(self) -> Iterator[Taken]:
        for number in self._types:
            read = _MAP.match(f"{number} {self._names.get(number, '')}")
            encoding = _NAMES.get(read[2].lower()) if read else None
            if read is None or encoding is None or number > 127:
                continue
            rate, channels = int(read[3]), int(read[4] or 1)
            if self._can_send(number, encoding, rate, channels):
                yield Taken(self._control, number, encoding, rate, channels)

    def _can_send(self, number: int, encoding: Encoding, rate: int, channels: int) -> bool:
        if encoding is not Encoding.AAC:
            return rate in _RATES[encoding] and channels == 1
        told = dict(_pairs(self._parameters.get(number, "")))
        return (
            rate in _AAC_RATES
            and told.get("mode") == "aac-hbr"
            and _lengths(told) == ("13", "3", "3")
            and _is_low_complexity(told.get("config", ""))
        )


def _sections(sdp: str) -> Sequence[_Section]:
    sections: list[_Section] = []
    for line in sdp.splitlines():
        if line.startswith("m=") and len(sections) < _MOST:
            sections.append(_Section(line[2:]))
        elif line.startswith("a=") and sections:
            sections[-1].note(line[2:].strip())
    return sections


def _pairs(parameters: str) -> Iterator[tuple[str, str]]:
    for part in parameters.split(";"):
        name, _, value = part.strip().partition("=")
        yield name.strip(), value.strip()


def _lengths(told: dict[str, str]) -> tuple[str, ...]:
    return tuple(told.get(name, "") for name in ("sizelength", "indexlength", "indexdeltalength"))


def _is_low_complexity(config: str) -> bool:
    """AAC-LC (object type 2 in the first five bits, ISO/IEC 14496-3, 1.6.2.1): what our encoder makes."""
    return re.fullmatch(r"1[0-7][0-9a-f]{2,30}", config) is not None
