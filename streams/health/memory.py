"""References as bytes, so that a camera covered while the gateway was away is noticed when it is back."""

import hashlib
import io
import zipfile

import numpy as np

from streams.health.measures import Measures
from streams.health.reference import Appearance, Reference

_VERSION = 1
_DIGEST = hashlib.sha256().digest_size
_ARRAYS = ("thumbnail", "sample", "edges", "texture", "sharpness")  # of the typical look
_NUMBERS = ("mean", "white", "black")


class Forgotten(ValueError):
    """These bytes hold no reference: damaged, or written by another version."""


def dump(reference: Reference) -> bytes:
    """NumPy's .npz behind its SHA-256: some 300 kB per appearance before compression."""
    arrays: dict[str, object] = {"version": np.array(_VERSION), "count": np.array(len(reference.appearances))}
    for number, each in enumerate(reference.appearances):
        look = each.measures
        arrays |= {f"{number}.{name}": getattr(look, name) for name in _ARRAYS}
        arrays[f"{number}.numbers"] = np.array([getattr(look, name) for name in _NUMBERS])
        arrays[f"{number}.size"] = np.array(look.size)
        arrays[f"{number}.usual.texture"] = each.texture
        arrays[f"{number}.usual.sharpness"] = each.sharpness
        arrays[f"{number}.usual.times"] = np.array([each.white, each.seen, each.taken])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    data = buffer.getvalue()
    return hashlib.sha256(data).digest() + data


def load(data: bytes) -> Reference:
    """Raises Forgotten."""
    digest, archive = data[:_DIGEST], data[_DIGEST:]
    if hashlib.sha256(archive).digest() != digest:  # zip and zlib fail in many ways over damaged bytes
        raise Forgotten("damaged")
    try:
        with np.load(io.BytesIO(archive), allow_pickle=False) as file:
            if int(file["version"]) != _VERSION:
                raise Forgotten("another version")
            return Reference([_appearance(file, number) for number in range(int(file["count"]))])
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Forgotten(type(error).__name__) from None


def _appearance(file: "np.lib.npyio.NpzFile", number: int) -> Appearance:
    mean, white, black = (float(value) for value in file[f"{number}.numbers"])
    width, height = (int(value) for value in file[f"{number}.size"])
    usual_white, seen, taken = (float(value) for value in file[f"{number}.usual.times"])
    thumbnail, sample, edges, texture, sharpness = (file[f"{number}.{name}"] for name in _ARRAYS)
    look = Measures(thumbnail, sample, edges, texture, sharpness, mean, white, black, (width, height))
    usual = file[f"{number}.usual.texture"], file[f"{number}.usual.sharpness"]
    return Appearance(look, *usual, white=usual_white, seen=seen, taken=taken)
