"""Where the ground of each camera is kept: storage/land/CAMERA/view, or .../preset-PRESET for one that turns.

A view's folder holds its references (inference.land.bank), `patches.npz` (what has gathered), `history.jsonl` (every
message there was) and `view.json` (how it stands)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

_STILL, _PRESET = "view", "preset-"


@dataclass(frozen=True, slots=True)
class View:
    """One camera pointing one way."""

    camera: str
    preset: str | None
    folder: Path


def camera_folder(storage: Path, camera: str) -> Path:
    return storage / "land" / quote(camera, safe="")


def view(storage: Path, camera: str, preset: str | None) -> View:
    name = _STILL if preset is None else f"{_PRESET}{quote(preset, safe='')}"
    return View(camera, preset, camera_folder(storage, camera) / name)


def views(storage: Path, camera: str | None = None) -> Iterator[View]:
    """All there are, or those of one camera, in order of their names. Raises OSError."""
    root = storage / "land"
    if not root.is_dir():
        return
    for place in sorted(root.iterdir()):
        if not place.is_dir() or (camera is not None and place != camera_folder(storage, camera)):
            continue
        for folder in sorted(place.iterdir()):
            if folder.name == _STILL:
                yield View(unquote(place.name), None, folder)
            elif folder.name.startswith(_PRESET):
                yield View(unquote(place.name), unquote(folder.name.removeprefix(_PRESET)), folder)
