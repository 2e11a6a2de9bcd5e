"""References on disk: per light a lossless picture, what it rests on and what it gathers; and one list of them with their
hashes. Arrays are not compressed: that took a fifth of a second at every change of light, for a third of their size."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.land.features import Picture
from streams import whole
from streams.problem import Problem, Text

_VERSION: Final = 2
_LIST: Final = "bank.json"
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

Arrays = Mapping[str, NDArray[Any]]


class Damaged(ValueError):
    """A kept reference is missing, or is not what was kept. `what` names the file."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Kept:
    """One light's files. taken: s since 1970, of the picture. picture, base, gathered: SHA-256 of the files, hexadecimal;
    "": not written yet. frozen: s since 1970 when it was frozen; None while it is learnt. derived: begun after the bank
    was frozen, from what the frozen references vouch for. clarity: of its air (inference.land.usable.Ordinary)."""

    taken: float
    picture: str
    base: str
    gathered: str
    frozen: float | None
    derived: bool
    clarity: float


class Store:
    """One folder. Every file is written beside its place, synced and moved; an old list never names a new file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def picture_path(self, light: str, sha256: str) -> Path:
        return self._folder / f"{_checked(light)}-{sha256[:12]}.png"

    def keep_picture(self, light: str, picture: Picture) -> str:
        """Its SHA-256. Lossless; a picture of 1080p takes some 3 MB."""
        ok, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        assert ok
        digest = hashlib.sha256(data.tobytes()).hexdigest()
        whole.write(self.picture_path(light, digest), data.tobytes())
        return digest

    def keep_arrays(self, light: str, arrays: Arrays) -> str:
        """Its SHA-256."""
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        data = buffer.getvalue()
        digest = hashlib.sha256(data).hexdigest()
        whole.write(self._arrays_path(light, digest), data)
        return digest

    def keep_list(self, facts: Mapping[str, Any], lights: Mapping[str, Kept]) -> None:
        """And removes what it names no longer."""
        table = {light: asdict(kept) for light, kept in lights.items()}
        text = json.dumps({"version": _VERSION, **facts, "lights": table}, indent=1)
        whole.write(self._folder / _LIST, text.encode())
        named = {self.picture_path(light, kept.picture) for light, kept in lights.items()}
        for light, kept in lights.items():
            named |= {self._arrays_path(light, each) for each in (kept.base, kept.gathered)}
        for path in (
            *self._folder.glob("*.png"),
            *self._folder.glob("*.npz"),
            *self._folder.glob("*.part"),
        ):
            if path not in named:
                path.unlink(missing_ok=True)

    def list(self) -> tuple[dict[str, Any], dict[str, Kept]]:
        """Facts and lights; both empty where nothing was ever kept. Raises Damaged."""
        try:
            text = (self._folder / _LIST).read_text()
        except FileNotFoundError:
            if any(self._folder.glob("*.npz")):
                raise Damaged(_LIST) from None
            return {}, {}
        try:
            facts = json.loads(text)
            if facts.pop("version") != _VERSION:
                raise Damaged(_LIST)
            lights = {_checked(light): Kept(**each) for light, each in facts.pop("lights").items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Damaged(_LIST) from None
        return facts, lights

    def check_picture(self, light: str, sha256: str) -> None:
        """Raises Damaged."""
        _read(self.picture_path(light, sha256), sha256)

    def arrays(self, light: str, sha256: str) -> dict[str, NDArray[Any]]:
        """Raises Damaged."""
        path = self._arrays_path(light, sha256)
        try:
            with np.load(io.BytesIO(_read(path, sha256)), allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except (ValueError, KeyError, zipfile.BadZipFile):
            raise Damaged(path.name) from None

    def clear(self) -> None:
        """Everything goes, the list first."""
        (self._folder / _LIST).unlink(missing_ok=True)
        for path in (*self._folder.glob("*.png"), *self._folder.glob("*.npz")):
            path.unlink(missing_ok=True)

    def _arrays_path(self, light: str, sha256: str) -> Path:
        return self._folder / f"{_checked(light)}-{sha256[:12]}.npz"


def _checked(light: str) -> str:
    """A light's name is a part of a file's name."""
    if not light or not set(light) <= _NAME:
        raise ValueError(light)
    return light


def _read(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError:
        raise Damaged(path.name) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(path.name)
    return data


def problem(what: str) -> Problem:
    """For the technician. what: the file."""
    return Problem(
        "land.reference_damaged",
        Text(f"a reference of the ground is missing or damaged: {what}", f"地面参考文件丢失或损坏：{what}"),
        Text(
            "restore the file from a copy, or take new references; until then nothing is judged by it",
            "请从备份恢复该文件，或重新采集参考；在此之前不会据此判断",
        ),
    )
