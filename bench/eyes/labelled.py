"""The labelled pictures that training leaves out (bench.train.sources), as the eyes bench counts them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.eyes.judging import Box, Known
from bench.train.samples import Knowledge, Sample, read
from bench.train.sources import CLASSES, REAL, Part, rendered

_MISSING = Path(__file__).parent.parent / "train" / "labels" / "missing.json"

# Conditions that are not "day", by source.
_CONDITIONS = {"toll_night": "night", "from_above": "from above"}
# What the labels name every one of, where training need not know.
_COMPLETE = {"excavators": frozenset({"excavator"}), "trucks_close": frozenset({"truck"})}
_UNSHOWN = {"excavators", "trucks_close"}  # their licences do not let us

# Photos that show one lorry each and came without labels: where it is, read off a grid by a person.
_TRUCKS_CLOSE: dict[str, Box] = {
    "47X_NEW": (0.07, 0.13, 0.95, 0.90),
    "51003834": (0.05, 0.11, 0.955, 0.885),
    "Freightliner_M2_106_6x4_2014_14240376744": (0.12, 0.02, 0.96, 0.93),
    "truck1": (0.27, 0.155, 0.815, 0.915),
    "why-is-it-called-a-semi-truck": (0.025, 0.19, 0.97, 0.88),
}


@dataclass(frozen=True, slots=True)
class Still:
    """A picture and its labels. source: the set it counts in. condition: as it was photographed. complete: what its
    labels name every one of. shape: what its height is multiplied by to look as in the camera. shown: its licence
    lets it be shown in documents."""

    key: str
    path: Path
    source: str
    condition: str
    known: tuple[Known, ...]
    complete: frozenset[str]
    shape: float = 1.0
    shown: bool = True


def stills(data: Path) -> list[Still]:
    """Every held-out picture below `data`, in a fixed order; sets that are not there are left out."""
    sources = (*REAL, rendered("rendered/labelled", share=0.0))
    knowledge, missing = Knowledge.read(None), _json(_MISSING)
    found = [
        _still(sample, missing.get(sample.key, [])) for sample in read(data, sources, Part.TEST, knowledge)
    ]
    return [*found, *_trucks_close(data / "images" / "trucks_close")]


def _still(sample: Sample, missing: Iterable[list[Any]]) -> Still:
    name = sample.source.name
    condition = _CONDITIONS.get(name, "day")
    if name == "rendered":
        condition = _condition(sample.path)
        name = f"rendered {condition}"
    return Still(
        key=sample.key,
        path=sample.path,
        source=name,
        condition=condition,
        known=(
            *_known(sample),
            *(Known((box[0], box[1], box[2], box[3]), _named(box[4])) for box in missing),
        ),
        complete=_COMPLETE.get(name, sample.source.complete),
        shape=sample.source.squeeze,
        shown=name not in _UNSHOWN,
    )


def _known(sample: Sample) -> Iterator[Known]:
    for box, classes, weights in zip(sample.boxes, sample.classes, sample.weights, strict=True):
        names = [name for name, yes, sure in zip(CLASSES, classes, weights, strict=True) if yes or not sure]
        yield Known(_corners(box), frozenset(names))
    for zone in sample.ignore:
        yield Known(_corners(zone), frozenset())


def _condition(path: Path) -> str:
    """How a rendered view is lit, or that it looks down."""
    scene: Mapping[str, Any] = _json(path.with_suffix(".json"))
    if scene["camera"] != "mast":
        return "from above"
    return "night" if scene["cond"].startswith(("night", "dusk")) else "day"


def _trucks_close(folder: Path) -> Iterator[Still]:
    for stem, box in _TRUCKS_CLOSE.items():
        if (path := folder / f"{stem}.jpg").is_file():
            known = (Known(box, frozenset({"truck"})),)
            yield Still(
                f"{folder.name}/{stem}", path, folder.name, "day", known, _COMPLETE[folder.name], shown=False
            )


def _corners(box: Any) -> Box:
    left, top, right, bottom = (float(value) for value in box)
    return left, top, right, bottom


def _named(word: str) -> frozenset[str]:
    return frozenset({word} & {*CLASSES})


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
