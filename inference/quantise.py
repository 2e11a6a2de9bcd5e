"""The INT8 form of a model: quantised by NNCF, written beside its manifest. Needs `sandwatch[quantise]`; nothing of it
is needed to run the result."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from inference.detections import Picture
from inference.detector import DetectorFailed
from inference.manifest import Manifest, Model, int8_name, sha256, verified
from inference.refusals import failed, missing
from inference.tensor import Loader, Tensor

# A SiLU is x * sigmoid(x). Quantised, its product leaves nothing of a small network: YOLOX-nano's AP50 against its own
# fp32 answers fell to 0.1 with it, and to 0.98 without.
_LEFT_ALONE = ("Sigmoid", "Swish", "Multiply")


def quantise(model: Model, pictures: Sequence[Picture], folder: Path) -> Model:
    """Write NAME-int8.xml, .bin and .yaml into the folder, calibrated on these pictures (as a Detector takes them; a
    hundred are plenty). Raises DetectorFailed where the libraries are missing or refuse the model, OSError."""
    os.environ.setdefault("NNCF_CI", "1")  # else it reports its use to its makers over the network
    try:
        import nncf  # noqa: PLC0415
        import openvino  # noqa: PLC0415
    except ImportError as error:
        raise DetectorFailed(missing("NNCF", "quantise")) from error
    nncf.set_log_level(logging.ERROR)  # it tells of every layer
    try:
        network = openvino.Core().read_model(str(model.path))
        made = nncf.quantize(
            network,
            nncf.Dataset(list(pictures), _loaded(model, network)),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(pictures),
            ignored_scope=nncf.IgnoredScope(types=list(_LEFT_ALONE), validate=False),
        )
    except Exception as error:  # NNCF raises what its many parts raise
        raise DetectorFailed(failed(model.manifest.name, "NNCF", error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{int8_name(model.manifest.name)}.xml"
    openvino.save_model(made, str(file))
    return verified(_written(model.manifest, file))


def _loaded(model: Model, network: Any) -> Any:
    """Picture -> the inputs of the network, as NNCF asks for them."""
    recipe = model.manifest.input
    size = (recipe.width, recipe.height)
    loader = Loader(recipe, np.dtype(network.inputs[0].get_element_type().to_dtype()), channels_last=False)

    def load(picture: Picture) -> list[Tensor]:
        sizes = [np.array([size], np.int64)] * (len(network.inputs) - 1)
        return [loader.load([picture], size).copy(), *sizes]

    return load


def _written(origin: Manifest, file: Path) -> Path:
    name = int8_name(origin.name)
    changes = {"name": name, "file": file.name, "sha256": sha256(file), "made_from": origin.sha256}
    manifest = Manifest.model_validate({**origin.model_dump(), **changes})
    path = file.with_suffix(".yaml")
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(manifest.model_dump(mode="json", exclude_defaults=True), stream)
    return path
