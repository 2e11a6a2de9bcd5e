"""From folders and label files to samples: one picture and all that is known of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.train.sources import CLASSES, Meaning, Part, Source, held_photograph
from inference.decoders import intersection, iou

Array = NDArray[Any]
Sighting = tuple[float, float, float, float, float, int]
"""What a COCO network saw: x1 y1 x2 y2 (fractions of the picture), score, index into CLASSES."""

SURE, UNSURE = 0.5, 0.2  # scores of a COCO network: above the first a label, between them a zone to ignore
_SAME = 0.4  # IoU above which a sighting is a labelled object
_HIDDEN = 0.5  # share of an object above which it counts as hidden
_LABELS = Path(__file__).parent / "labels"


@dataclass(frozen=True)
class Sample:
    """One picture; boxes are x1 y1 x2 y2 as fractions of its size.

    classes [G, C], 0 or 1: what each box is. weights [G, C], 0 or 1: whether that is known.
    ignore [K, 4]: zones that may hold objects; nothing is taught or scored there.
    blank [B, 4]: what must not be shown, because it is held out.
    """

    key: str
    path: Path
    source: Source
    boxes: Array
    classes: Array
    weights: Array
    ignore: Array
    blank: Array
    any_up: bool = False


@dataclass(frozen=True)
class Knowledge:
    """What is known beside the sources' own label files, all by SOURCE-FOLDER/STEM.

    relabelled: line number -> class, "other" or "unsure". photographs: line number -> which photograph it
    shows. missing: x1 y1 x2 y2 (fractions), class, of objects that the source left out: nothing is taught there
    (whoever measures may count them). sightings: of COCO networks.
    """

    relabelled: Mapping[str, Mapping[str, str]]
    photographs: Mapping[str, Mapping[str, int]]
    missing: Mapping[str, Sequence[tuple[float, float, float, float, str]]]
    sightings: Mapping[str, Sequence[Sighting]]

    @classmethod
    def read(cls, sightings: Path | None) -> "Knowledge":
        """What was decided by looking comes with this package; sightings from `prepare` (None: do without)."""
        relabelled: dict[str, dict[str, str]] = {}
        for name in ("machinery", "vehicle"):
            for key, lines in _json(_LABELS / f"{name}.json").items():
                relabelled.setdefault(key, {}).update(lines)
        return cls(
            relabelled,
            _json(_LABELS / "photographs.json"),
            _json(_LABELS / "missing.json"),
            {} if sightings is None else _json(sightings),
        )


def _json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def read(data: Path, sources: Iterable[Source], part: Part, known: Knowledge) -> Iterator[Sample]:
    """The samples of one part. `data` holds the sources' folders; an absolute folder stands for itself."""
    for source in sources:
        for path in listed(data, source):
            if _in(source, path, part, known):
                yield _sample(source, path, part, known)


def listed(data: Path, source: Source) -> Iterator[Path]:
    """The pictures of a source that have labels, in a fixed order."""
    for labels in sorted((data / source.folder).glob("*.txt")):
        if (path := labels.with_suffix(".jpg")).exists():
            yield path


def key_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _in(source: Source, path: Path, part: Part, known: Knowledge) -> bool:
    if source.mosaics and part is Part.TEST:
        return any(map(held_photograph, known.photographs.get(key_of(path), {}).values()))
    return source.part(path.stem) is part


def _sample(source: Source, path: Path, part: Part, known: Knowledge) -> Sample:
    key, rows, hidden = key_of(path), _labelled(source, path, known), list[list[float]]()
    if source.mosaics:
        rows, hidden = _parted(rows, part)
    taught = [(row.box, row.meaning) for row in rows if row.meaning]
    ignore = [row.box for row in rows if not row.meaning]
    if part is Part.TRAIN:
        more, unsure = _seen(source, known.sightings.get(key, ()), [row.box for row in rows])
        taught += more
        ignore += [*unsure, *([*box] for *box, _ in known.missing.get(key, ()))]
    zones, nadir = _scene(path)
    classes, weights = encode([meaning for _, meaning in taught])
    return Sample(
        key,
        path,
        source,
        _boxes([box for box, _ in taught]),
        classes,
        weights,
        _boxes([*ignore, *zones]),
        _boxes(hidden),
        source.any_up or nadir,
    )


@dataclass(frozen=True)
class _Row:
    """A labelled box. held: whether its photograph is held out; None: it is not known to recur."""

    box: list[float]
    meaning: Meaning
    held: bool | None = None


def _labelled(source: Source, path: Path, known: Knowledge) -> list[_Row]:
    key, rows = key_of(path), []
    relabelled, photographs = known.relabelled.get(key, {}), known.photographs.get(key, {})
    for index, line in enumerate(path.with_suffix(".txt").read_text("utf-8").splitlines()):
        number, x, y, w, h = (float(value) for value in line.split()[:5])
        meaning = source.meaning.get(int(number))
        if meaning is not None:
            photograph = photographs.get(str(index))
            held = None if photograph is None else held_photograph(photograph)
            box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
            rows.append(_Row(box, _narrowed(meaning, relabelled.get(str(index), "unsure")), held))
    return rows


def _parted(rows: Sequence[_Row], part: Part) -> tuple[list[_Row], list[list[float]]]:
    """Of a mosaic: held-out photographs are neither taught nor shown, taught ones are not scored.

    The rows, those of the other part without a meaning; and the boxes that must not be shown.
    """
    other = [row for row in rows if row.held is (part is Part.TRAIN)]
    hidden = [row.box for row in other] if part is Part.TRAIN else []
    covered = intersection(_boxes([row.box for row in rows]), _boxes(hidden)).max(1, initial=0)
    left = [
        _Row(row.box, ()) if row in other or share > _HIDDEN * _area(row.box) else row
        for row, share in zip(rows, covered, strict=True)
    ]
    return left, hidden


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _seen(
    source: Source, sightings: Sequence[Sighting], labelled: Sequence[list[float]]
) -> tuple[list[tuple[list[float], Meaning]], list[list[float]]]:
    """What a COCO network adds to the labels: objects it is sure of, where the source does not label them; and
    boxes to ignore."""
    sure: list[tuple[list[float], Meaning]] = []
    unsure: list[list[float]] = []
    for *box, score, number in sightings:
        name = CLASSES[int(number)]
        if iou(_boxes([box]), _boxes(labelled)).max(initial=0) > _SAME:
            continue
        if score > SURE and name not in source.complete:
            sure.append((box, (name,)))
        else:
            unsure.append(box)
    return sure, unsure


def _narrowed(meaning: Meaning, found: str) -> Meaning:
    """What a person said of the box, where the source's own label is too wide."""
    if found == "unsure":
        return meaning
    return (found,) if found in CLASSES else ()


def _scene(path: Path) -> tuple[list[list[float]], bool]:
    """Of a rendered view: the objects its labels leave out (fractions), and whether it looks straight down."""
    truth = path.with_suffix(".json")
    if not truth.exists():
        return [], False
    scene = json.loads(truth.read_text("utf-8"))
    width, height = (2 * scene["K"][axis][2] for axis in (0, 1))  # the principal point is the middle
    zones = [np.divide(left["box"], (width, height) * 2).tolist() for left in scene["unlabelled"]]
    return zones, scene["camera"] == "nadir"


def encode(meanings: Sequence[Meaning]) -> tuple[Array, Array]:
    """classes and weights [G, C]: one class is taught; of several, only what the object is not."""
    classes = np.zeros((len(meanings), len(CLASSES)), np.float32)
    weights = np.ones_like(classes)
    for row, names in enumerate(meanings):
        columns = [CLASSES.index(name) for name in names]
        if len(names) == 1:
            classes[row, columns] = 1
        else:
            weights[row, columns] = 0
    return classes, weights


def _boxes(rows: Sequence[Sequence[float]]) -> Array:
    return np.asarray(rows, np.float32).reshape(-1, 4)
