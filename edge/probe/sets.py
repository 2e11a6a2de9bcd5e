"""Profile and level out of a stream's parameter sets, nothing decoded. Pure."""

from dataclasses import dataclass

from relay.live.nal import units

_H264 = {66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2"}
_HEVC = {1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Range Extensions"}
_SPS_H264, _SPS_HEVC = 7, 33


@dataclass(frozen=True, slots=True)
class Grade:
    """profile: its name, or its number where it has none. level: as people write it, such as "4.1"."""

    profile: str
    level: str


def grade(codec: str, data: bytes) -> Grade | None:
    """Of the first sequence parameter set in Annex B data; None where there is none.

    ITU-T H.264, 7.3.2.1.1 and A.3; ITU-T H.265, 7.3.2.2.1 and 7.3.3.
    """
    for unit in units(data):
        if codec == "h264" and unit[0] & 0x1F == _SPS_H264 and len(unit) > 3:
            return _avc(unit)
        if codec == "hevc" and unit[0] >> 1 & 0x3F == _SPS_HEVC:
            plain = unit.replace(b"\x00\x00\x03", b"\x00\x00")
            return _hevc(plain) if len(plain) > 14 else None
    return None


def _avc(unit: bytes) -> Grade:
    profile, constraints, level = unit[1:4]
    name = _H264.get(profile, str(profile))
    if profile == 66 and constraints & 0x40:
        name = "Constrained Baseline"
    # Level 1b: by its own number, or by a bit of the older profiles.
    b = level == 9 or (level == 11 and profile in (66, 77, 88) and constraints & 0x10)
    return Grade(name, "1b" if b else _decimal(level, 10))


def _hevc(unit: bytes) -> Grade:
    """Two bytes of header, one of what comes before profile_tier_level."""
    general, level = unit[3], unit[14]
    return Grade(_HEVC.get(general & 0x1F, str(general & 0x1F)), _decimal(level, 30))


def _decimal(level: int, unit: int) -> str:
    return f"{level / unit:.1f}".removesuffix(".0")
