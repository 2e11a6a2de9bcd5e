"""Models and what they are gathered from as named arrays, and back. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.land.gather import Gather
from inference.land.model import Model

Arrays = Mapping[str, NDArray[Any]]


def packed_model(model: Model, name: str) -> dict[str, NDArray[Any]]:
    return {f"{name}.means": model.means, f"{name}.spreads": model.spreads, f"{name}.looks": model.looks}


def unpacked_model(arrays: Arrays, name: str) -> Model:
    """Raises KeyError."""
    return Model(arrays[f"{name}.means"], arrays[f"{name}.spreads"], arrays[f"{name}.looks"])


def packed_gather(gather: Gather) -> dict[str, NDArray[Any]]:
    arrays = packed_model(gather.base, "base")
    if gather.first:
        arrays["first"] = np.stack(gather.first)
    for name in ("mean", "spread", "count"):
        layer = getattr(gather, name)
        if layer is not None:
            arrays[name] = layer
    return arrays


def unpacked_gather(arrays: Arrays) -> Gather:
    """Raises KeyError."""
    first = list(arrays["first"]) if "first" in arrays else []
    return Gather(
        unpacked_model(arrays, "base"), first, arrays.get("mean"), arrays.get("spread"), arrays.get("count")
    )
