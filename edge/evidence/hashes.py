"""SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016) of everything: proof that outlives the fall of either."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from pydantic import Field
from pydantic.dataclasses import dataclass as model

_BLOCK = 1 << 20  # bytes read at a time

_HEX = Field(pattern=r"^[0-9a-f]{64}$")


@model(frozen=True, slots=True)
class Hashes:
    """Both, as lower-case hex."""

    sha256: str = _HEX
    sm3: str = _HEX

    def as_json(self) -> dict[str, str]:
        return {"sha256": self.sha256, "sm3": self.sm3}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was read: size in bytes, with which hashes."""

    size: int
    hashes: Hashes

    @classmethod
    def of(cls, data: bytes) -> "Measured":
        return cls._read((data,))

    @classmethod
    def of_file(cls, path: Path) -> "Measured":
        """Raises OSError."""
        return cls._read(blocks(path))

    @staticmethod
    def _read(content: Iterable[bytes]) -> "Measured":
        meter = Meter()
        for _ in meter.through(content):
            pass
        return meter.measured

    def as_json(self) -> dict[str, object]:
        return {"bytes": self.size, **self.hashes.as_json()}


class Meter:
    """Measures what passes through."""

    def __init__(self) -> None:
        self._size, self._sha256, self._sm3 = 0, hashlib.sha256(), hashes.Hash(hashes.SM3())

    def through(self, content: Iterable[bytes]) -> Iterator[bytes]:
        for block in content:
            self._size += len(block)
            self._sha256.update(block)
            self._sm3.update(block)
            yield block

    @property
    def measured(self) -> Measured:
        return Measured(
            self._size, Hashes(self._sha256.copy().hexdigest(), self._sm3.copy().finalize().hex())
        )


def of_bytes(data: bytes) -> Hashes:
    return Measured.of(data).hashes


def blocks(path: Path) -> Iterator[bytes]:
    """The file, a megabyte at a time. Raises OSError."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
