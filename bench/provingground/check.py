"""Is every label of a folder of views sound, and what is in it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from bench.provingground.fleet.model import CLASSES

_ENDINGS = (".jpg", ".txt", ".json")
_ROUNDING = 1e-3  # of the picture, by which a box may pass its edge


@dataclass(slots=True)
class Account:
    """bad: name and reason. sizes: per class, the long sides in px."""

    pictures: int = 0
    empty: int = 0
    bytes: int = 0
    conditions: Counter[str] = field(default_factory=Counter)
    cameras: Counter[str] = field(default_factory=Counter)
    loads: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, list[float]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)


def checked(folder: Path) -> Account:
    """Reads every picture, its labels and its truth."""
    account = Account()
    for path in sorted(folder.glob("*.jpg")):
        why = _fault(path)
        if why is not None:
            account.bad[path.stem] = why
        else:
            _count(account, path)
    return account


def drop(folder: Path, names: Iterator[str]) -> None:
    """Remove the pictures with these names, and what belongs to them."""
    for name in names:
        for ending in _ENDINGS:
            (folder / f"{name}{ending}").unlink(missing_ok=True)


def labels(path: Path) -> list[tuple[int, float, float, float, float]]:
    """A YOLO file: class, and x, y, w, h as shares of the picture."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return [(int(row[0]), float(row[1]), float(row[2]), float(row[3]), float(row[4])) for row in rows]


def _fault(path: Path) -> str | None:
    picture = cv2.imread(str(path))
    if picture is None or any(not path.with_suffix(ending).exists() for ending in _ENDINGS):
        return "incomplete"
    if picture.mean() < 5 and picture.max() < 60:
        return "black"
    for number, x, y, wide, high in labels(path.with_suffix(".txt")):
        inside = (
            min(x - wide / 2, y - high / 2) > -_ROUNDING and max(x + wide / 2, y + high / 2) < 1 + _ROUNDING
        )
        if not (0 <= number < len(CLASSES) and inside and wide > 0 and high > 0):
            return f"label {number} {x} {y} {wide} {high}"
    return None


def _count(account: Account, path: Path) -> None:
    truth, rows = json.loads(path.with_suffix(".json").read_text()), labels(path.with_suffix(".txt"))
    height, width = np.asarray(cv2.imread(str(path))).shape[:2]
    account.pictures += 1
    account.empty += not rows
    account.bytes += sum(path.with_suffix(ending).stat().st_size for ending in _ENDINGS)
    account.conditions[truth["cond"]] += 1
    account.cameras[truth["camera"]] += 1
    account.loads.update(thing["load"] for thing in truth["objects"] if thing.get("load"))
    for number, _, _, wide, high in rows:
        account.sizes.setdefault(CLASSES[number], []).append(max(wide * width, high * height))


def told(account: Account) -> str:
    lines = [
        f"{account.pictures} pictures, {account.empty} without labels, {account.bytes / 1e6:.1f} MB",
        f"conditions {dict(account.conditions)}",
        f"cameras    {dict(account.cameras)}",
        f"loads      {dict(account.loads)}",
    ]
    for name, sizes in sorted(account.sizes.items()):
        ordered = sorted(sizes)
        spread = "/".join(f"{ordered[int(len(ordered) * share)]:.0f}" for share in (0.1, 0.5, 0.9))
        lines.append(f"{name:10} {len(sizes):5}   long side, 10/50/90 %: {spread} px")
    return "\n".join(lines + [f"bad: {name}: {why}" for name, why in account.bad.items()])
