"""Folders of labelled pictures: what their label numbers mean, which part is held out, how often they are drawn.

Sources and licences: config/models/README.md. Every split is by clip or by runs of numbers with a gap,
because neighbouring frames are alike and a random split would only measure memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

CLASSES = ("truck", "excavator", "loader", "bus", "car", "person", "motorcycle", "vessel")
VEHICLE = ("truck", "bus", "car")
MACHINE = ("truck", "excavator", "loader")
HELD_OUT_TERRAINS = frozenset({2201})

Meaning = tuple[str, ...]
"""One class; or several, of which it is one; () is an object of no class of ours."""


class Part(Enum):
    TRAIN = "train"
    TEST = "test"
    NEITHER = "neither"  # a gap between the two, or another source's share of the folder


@dataclass(frozen=True)
class Source:
    """A folder of NAME.jpg with NAME.txt (YOLO: number, centre x, centre y, width, height as fractions).

    complete: the classes whose every object is labelled; of the others, what a COCO network sees becomes
    a label (sure) or a zone to ignore (unsure).
    squeeze: what the picture's height is to be multiplied by, where the source stretched it to a square.
    any_up: seen from straight above, so that no direction of the picture is "up".
    mosaics: pictures put together from photographs that occur in others too: not pictures but photographs
        (labels/photographs.json) are held out, see `held_photograph`.
    share: part of all drawn pictures that come from here, before it is normalised.
    """

    name: str
    folder: str
    meaning: Mapping[int, Meaning]
    part: Callable[[str], Part]
    share: float
    complete: frozenset[str] = frozenset()
    squeeze: float = 1.0
    any_up: bool = False
    mosaics: bool = False


@dataclass(frozen=True)
class LastFifth:
    """Stems are numbers up to `total`: the last fifth is held out, and the ten before it are left out as a gap."""

    total: int

    def __call__(self, stem: str) -> Part:
        first = self.total * 4 // 5
        if int(stem) >= first:
            return Part.TEST
        return Part.TRAIN if int(stem) < first - 10 else Part.NEITHER


def toll_day(stem: str) -> Part:
    """Clips adit and aditganteng teach; pagi, another day, is held out."""
    clip = stem.split("_", maxsplit=1)[0]
    return {"malam": Part.NEITHER, "pagi": Part.TEST}.get(clip, Part.TRAIN)


def toll_night(stem: str) -> Part:
    """The night clip: its end is held out."""
    clip, number = stem.split("_")
    if clip != "malam" or 480 <= int(number) < 510:
        return Part.NEITHER
    return Part.TEST if int(number) >= 510 else Part.TRAIN


def by_terrain(stem: str) -> Part:
    """Rendered views are named sTERRAIN_SHOT: whole terrains are held out."""
    return Part.TEST if int(stem.split("_", maxsplit=1)[0].lstrip("s")) in HELD_OUT_TERRAINS else Part.TRAIN


def everywhere(stem: str) -> Part:
    return Part.TRAIN


def held_photograph(number: int) -> bool:
    """Every fifth photograph of a source of mosaics is held out."""
    return number % 5 == 4


def only_test(stem: str) -> Part:
    return Part.TEST


_BUS, _TRUCK = (0, 2, 3, 6), (1, 5, 7, 8, 9, 10, 11)
_TOLL: dict[int, Meaning] = {
    4: ("car",),
    **dict.fromkeys(_BUS, ("bus",)),
    **dict.fromkeys(_TRUCK, ("truck",)),
}
_BY_NUMBER: dict[int, Meaning] = {number: (name,) for number, name in enumerate(CLASSES)}
_HEAVY = frozenset({"truck", "bus"})
_ROUND_SIGN = 0.77  # height over width of toll_road's pictures: so much a round road sign measures

REAL = (
    Source("toll_day", "images/toll_road", _TOLL, toll_day, 0.15, _HEAVY, _ROUND_SIGN),
    Source("toll_night", "images/toll_road", _TOLL, toll_night, 0.13, _HEAVY, _ROUND_SIGN),
    Source(
        "highway_photos",
        "images/highway_photos",
        {0: ("bus",), 1: ("car",), 2: ("motorcycle",), 3: ("person",), 4: ("truck",)},
        LastFifth(716),
        0.18,
        _HEAVY,
    ),
    Source(
        "open_images",
        "images/open_images",
        {0: VEHICLE, 1: ("bus",), 2: ("car",), 3: ("motorcycle",), 4: ("truck",)},  # 0: ambulance
        LastFifth(627),
        0.14,
        _HEAVY,
    ),
    Source("from_above", "images/from_above", {0: VEHICLE}, LastFifth(452), 0.10),
    Source(
        "construction",
        "images/construction",
        {5: ("person",), 8: MACHINE, 9: VEHICLE},
        everywhere,
        0.20,
        frozenset({"excavator", "loader"}),
        mosaics=True,
    ),
    Source("excavators", "images/excavators", {0: ("excavator",)}, only_test, 0.0),
)


def rendered(folder: str, share: float = 0.20) -> Source:
    """Views of the proving ground: exact labels, whose left-out objects are zones to ignore."""
    return Source("rendered", folder, _BY_NUMBER, by_terrain, share, frozenset(CLASSES))


def clips(folder: str) -> Source:
    """Labelled frames of clips, as `clips.extract` writes them."""
    return Source("clips", folder, _BY_NUMBER, everywhere, 0.04, _HEAVY)
