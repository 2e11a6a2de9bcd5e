"""What a server of the Open Inference Protocol v2 is asked and answers, whichever way the bytes go.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol: spoken by Triton, OpenVINO Model
Server, MLServer, KServe.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from inference.detector import DetectorFailed

LARGEST_ANSWER = (
    1 << 28
)  # bytes: raw boxes of a full batch are a tenth of it; more is not a detector's answer

Tensor = NDArray[np.generic]

_WIDE = {"BOOL": "?", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8"}
_WHOLE = {
    f"{kind}INT{bits}": f"<{kind.lower() or 'i'}{bits // 8}" for kind in ("", "U") for bits in (8, 16, 32, 64)
}
DTYPES = {name: np.dtype(code) for name, code in (_WIDE | _WHOLE).items()}
"""The protocol's names of numbers, little-endian as they travel."""
DATATYPES = {dtype: name for name, dtype in DTYPES.items()}


class Away(DetectorFailed):
    """Passing: no answer, too late, overloaded, still loading. The same may work a moment later."""


@dataclass(frozen=True, slots=True)
class Place:
    """A model on a server. prefix: of the path, "/..." or empty; version: empty, the server chooses."""

    host: str
    port: int
    secure: bool
    prefix: str
    model: str
    version: str
    token: SecretStr | None = None
    ca_file: Path | None = None

    @property
    def where(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a model. shape: None is an axis that takes any size."""

    name: str
    datatype: str
    shape: tuple[int | None, ...]

    @staticmethod
    def told(name: str, datatype: str, shape: Sequence[int]) -> "Port":
        """As the protocol says it: free axes are -1."""
        return Port(name, datatype, tuple(side if side > 0 else None for side in shape))


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server says of a model that is ready."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


class Wire(Protocol):
    """One connection to one server, kept open. One request at a time, from any thread.

    patience: s for the whole of it. Raises Away for what passes, DetectorFailed for what a person has to mend.
    """

    def offer(self, patience: float) -> Offer:
        """Asks for the model, and whether it is ready."""
        ...

    def infer(self, inputs: Mapping[str, Tensor], outputs: Sequence[str], patience: float) -> list[Tensor]:
        """These outputs, in this order."""
        ...

    def close(self) -> None: ...


def tensor(data: bytes, datatype: str, shape: Sequence[int]) -> Tensor:
    """From the protocol's raw bytes (row major, little-endian). Raises ValueError where they do not fit."""
    dtype = DTYPES.get(datatype)
    if dtype is None or any(side < 0 for side in shape):
        raise ValueError(f"a tensor of {datatype} {list(shape)}")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{len(data)} bytes for {datatype} {list(shape)}")
    return np.frombuffer(data, dtype).reshape(shape)


def ordered(answered: Mapping[str, Tensor], wanted: Sequence[str]) -> list[Tensor]:
    """Raises ValueError for one that is missing."""
    for name in wanted:
        if name not in answered:
            raise ValueError(f"no output {name!r} in the answer")
    return [answered[name] for name in wanted]
