"""What `sandwatch survey` does with what it is given: areas, comparisons, footprints. Loads OpenCV."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.survey_files import MAPS, Given, Picture, Shot, SurveyRefused, sha256_of, shots
from inference.change import Change, Place, Reference
from inference.findings import Severity
from inference.geodesy.export import Disturbance
from inference.geodesy.frame import LocalFrame
from inference.geodesy.layer import LayerSpec
from inference.geodesy.parcels import Layers, Parcels
from inference.survey.flights import Comparison, Disturbed, compared, merged, paired
from inference.survey.ortho import Ortho
from inference.survey.outlined import Sketch, Survey, surveyed
from inference.survey.refusal import APART, NotCompared
from inference.survey.view import Frame, View
from streams.problem import Problem, Text

Floats = NDArray[np.float64]
Occupied = Callable[[Picture], NDArray[np.float32]]

_WIDEST = 1920  # px
_EVERY = 2.0  # s between pictures of a clip: at 8 m/s and 80 m up three quarters of the ground are the same


@dataclass(frozen=True, slots=True)
class Flight:
    """One side of a comparison. taken: s since 1970 of its first picture. refused: pictures without a place."""

    name: str
    views: tuple[View, ...]
    taken: float
    sha256: str
    refused: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """found: every patch once, with the parcels it touches. refused: pictures without a place, pairs not compared."""

    before: Flight
    after: Flight
    found: tuple[Disturbed, ...]
    comparisons: tuple[Comparison, ...]
    refused: tuple[Problem, ...] = field(default=())


def placed(texts: Sequence[str], given: Given) -> list[Shot]:
    """One picture for each text, all in the metres of the first. Raises SurveyRefused where one has no place."""
    found: list[Shot] = []
    for text in texts:
        shot = next(shots(text, given, found[0].place.frame if found else None, _EVERY))
        if isinstance(shot, Problem):
            raise SurveyRefused(shot)
        found.append(shot)
    return found


def measured(
    taken: Sequence[Shot], outlines: Sequence[Floats], relief_m: float, layers: Layers | None
) -> Survey:
    """outlines: [N, 2] for each picture, px or relative (then none exceeds 1). Raises SurveyRefused, NotMeasured."""
    if len(taken) != len(outlines):
        raise SurveyRefused(_COUNT)
    sketches = [
        Sketch(shot.place, _relative(outline, shot.picture), shot.name)
        for shot, outline in zip(taken, outlines, strict=True)
    ]
    survey = surveyed(sketches, relief_m)
    return replace(survey, place=_touching(survey.place, layers))


def compare(
    before: str,
    after: str,
    given: Given,
    *,
    least_m2: float,
    occupied: Occupied | None,
    cadastre: Callable[[LocalFrame], Layers | None],
) -> Compared:
    """cadastre: the parcels near a place. Raises SurveyRefused where one side has no place; NotCompared where no pair
    could be compared; ParcelsRefused."""
    earlier = _flight(before, given, None, occupied)
    layers = cadastre(earlier.views[0].frame)
    later = _flight(after, given, earlier.views[0].frame, occupied)
    refused, done = list(earlier.refused + later.refused), []
    for one, other in paired(earlier.views, later.views):
        try:
            done.append(compared(one, other, least_m2))
        except NotCompared as why:
            refused.append(why.problem)
    if not done:
        raise NotCompared(refused[-1] if refused else APART)
    found = tuple(replace(each, place=_touching(each.place, layers)) for each in merged(done))
    return Compared(earlier, later, found, tuple(done), tuple(refused))


def disturbances(result: Compared) -> Iterator[Disturbance]:
    """As export writes them; the earlier flight is the reference."""
    reference = Reference(result.before.taken, result.before.sha256, "survey")
    for number, each in enumerate(result.found, 1):
        change = Change((), 0.0, each.confidence, reference, each.place)
        name = f"{Path(result.after.name).stem}-{number}"
        yield Disturbance(
            name, result.after.name, Severity.MEDIUM, result.before.taken, result.after.taken, change
        )


def occupation(survey: Survey, shot: Shot) -> Disturbance:
    """The same for an outlined area; its reference is the picture that it was outlined in."""
    change = Change((), 0.0, 1.0, Reference(shot.taken, shot.sha256, "survey"), survey.place)
    return Disturbance(Path(shot.name).stem, shot.name, Severity.MEDIUM, shot.taken, shot.taken, change)


def parcels(file: Path | None, crs: str | None, near: LocalFrame) -> Layers | None:
    """Raises ParcelsRefused."""
    if file is None:
        return None
    return Layers([Parcels.load(LayerSpec(name=file.stem[:64], file=file, crs=crs), (near.lat, near.lon))])


def _flight(text: str, given: Given, frame: LocalFrame | None, occupied: Occupied | None) -> Flight:
    file = Path(text)
    if file.suffix.lower() in MAPS:
        ortho = Ortho.read(file, frame)
        return Flight(file.name, (ortho,), file.stat().st_mtime, sha256_of(file))
    views: list[View] = []
    refused: list[Problem] = []
    taken, sha256 = 0.0, ""
    for shot in shots(text, given, frame, _EVERY):
        if isinstance(shot, Problem):
            refused.append(shot)
            continue
        taken, sha256 = (taken, sha256) if views else (shot.taken, shot.sha256)
        views.append(_view(shot, occupied))
    if not views:
        raise SurveyRefused(refused[-1])
    return Flight(file.name, tuple(views), taken, sha256, tuple(refused))


def _view(shot: Shot, occupied: Occupied | None) -> Frame:
    """Reduced: forty pictures of 4K would take a gigabyte, and cells of 0.3 m are coarser anyhow."""
    height, width = shot.picture.shape[:2]
    shrink = min(1.0, _WIDEST / width)
    size = (round(width * shrink), round(height * shrink))
    picture = np.asarray(cv2.resize(shot.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return (
        Frame(picture, shot.place) if occupied is None else Frame(picture, shot.place, occupied(shot.picture))
    )


def _relative(outline: Floats, picture: Picture) -> Floats:
    return outline if (outline <= 1).all() else outline / [picture.shape[1], picture.shape[0]]


def _touching(place: Place, layers: Layers | None) -> Place:
    """With the parcels it touches; their areas are withheld where its own is."""
    if layers is None:
        return replace(place, overlaps=None)
    touched = layers.touched(place.outline)
    if place.area_m2 is None:
        touched = tuple(replace(each, area_m2=None) for each in touched)
    return replace(place, overlaps=touched)


_COUNT = Problem(
    "survey.count",
    Text("there must be one --outline for each picture", "每幅画面须对应一个 --outline"),
    Text("give them in the order of the pictures", "请按画面顺序提供"),
)
