"""Patches and their evidence as bytes: a restart forgets no ground that changed, and no case."""

import hashlib
import io
import zipfile
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from inference.land.allowed import Allowance
from inference.land.book import Book
from inference.land.evidence import Grid
from inference.land.patch import Patch
from inference.land.patches import Grids, Moment, Patches
from inference.land.persist import Ground, Persistence
from inference.land.vehicles import Standing, Worked

_VERSION: Final = 2
_STEPS: Final = 32  # of a soil likeness of 1: its noise is more, and finer ones would cost a megabyte
_DIGEST: Final = hashlib.sha256().digest_size


class Forgotten(ValueError):
    """These bytes hold no patches: damaged, or written by another version."""


class _Saved(BaseModel):
    """What is no grid. patches: by slot. last: the number given last."""

    model_config = ConfigDict(ser_json_inf_nan="constants", extra="forbid")

    version: int
    moment: Moment | None
    allowances: tuple[Allowance, ...]
    patches: dict[int, Patch]
    last: int


def dump(patches: Patches) -> bytes:
    """NumPy's .npz behind its SHA-256: some 100 kB, mostly zeros."""
    grids = patches.grids
    saved = _Saved(
        version=_VERSION,
        moment=patches.moment,
        allowances=patches.allowances,
        patches={} if grids is None else grids.book.patches,
        last=0 if grids is None else grids.book.last,
    )
    arrays: dict[str, NDArray[Any]] = {"saved": np.frombuffer(saved.model_dump_json().encode(), np.uint8)}
    if grids is not None:
        arrays |= {"level": grids.persistence.level, "names": grids.book.names}
        arrays["fresh"] = _coarse(grids.ground.fresh)
        arrays |= {"standing": grids.standing.cells, "worked": grids.worked.seconds}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    data = buffer.getvalue()
    return hashlib.sha256(data).digest() + data


def resume(patches: Patches, data: bytes) -> None:
    """What was saved goes on in patches that have seen nothing yet. Raises Forgotten, and changes nothing then."""
    digest, archive = data[:_DIGEST], data[_DIGEST:]
    if hashlib.sha256(archive).digest() != digest:  # zip and zlib fail in many ways over damaged bytes
        raise Forgotten("damaged")
    try:
        with np.load(io.BytesIO(archive), allow_pickle=False) as file:
            saved = _Saved.model_validate_json(file["saved"].tobytes())
            grids = _grids(file, saved) if "level" in file else None
    except ValidationError:
        raise Forgotten("another version") from None
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise Forgotten(type(error).__name__) from None
    if saved.version != _VERSION:
        raise Forgotten("another version")
    patches.resume(grids, saved.moment, saved.allowances)


def _grids(file: "np.lib.npyio.NpzFile", saved: _Saved) -> Grids:
    book = Book(file["names"], saved.patches, saved.last)
    persistence, ground = Persistence(file["level"]), Ground(_fine(file["fresh"]))
    return Grids(persistence, ground, Standing(file["standing"]), Worked(file["worked"]), book)


def _coarse(grid: Grid) -> NDArray[np.int8]:
    return np.rint(grid * _STEPS).astype(np.int8)


def _fine(grid: NDArray[np.int8]) -> Grid:
    return np.asarray(grid / np.float32(_STEPS), np.float32)
