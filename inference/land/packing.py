"""Models and what they are gathered from as named arrays, and back. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.land.gather import Gather
from inference.land.model import Model

Arrays = Mapping[str, NDArray[Any]]


def packed_model(model: Model) -> dict[str, NDArray[Any]]:
    return {"means": model.means, "spreads": model.spreads, "looks": model.looks}


def unpacked_model(arrays: Arrays) -> Model:
    """Raises KeyError."""
    return Model(arrays["means"], arrays["spreads"], arrays["looks"])


def packed_gather(gather: Gather) -> dict[str, NDArray[Any]]:
    """Without its base."""
    arrays: dict[str, NDArray[Any]] = {"first": np.stack(gather.first)} if gather.first else {}
    for name in ("mean", "spread", "count"):
        layer = getattr(gather, name)
        if layer is not None:
            arrays[name] = layer
    return arrays


def unpacked_gather(base: Model, arrays: Arrays) -> Gather:
    first = list(arrays["first"]) if "first" in arrays else []
    return Gather(base, first, arrays.get("mean"), arrays.get("spread"), arrays.get("count"))
