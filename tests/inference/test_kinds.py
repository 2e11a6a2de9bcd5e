"""Detectors and rules are plug-ins by file name; nothing is imported that a site does not use."""

import subprocess
import sys
from typing import get_args

import pytest

from streams import kinds

FOLDERS = ("inference.detectors", "inference.rules")
KINDS = [(folder, kind) for folder in FOLDERS for kind in kinds.known(folder)]


@pytest.mark.parametrize(("folder", "kind"), KINDS)
def test_each_file_exports_a_frozen_spec_of_its_own_name_and_a_builder(folder: str, kind: str) -> None:
    module = kinds.load(folder, kind)
    field = module.Spec.model_fields["kind"]
    assert get_args(field.annotation) == (kind,)
    assert module.Spec.model_config["frozen"]
    assert module.Spec.model_config["extra"] == "forbid"
    assert callable(module.build)
    module.Spec()  # a kind works without a word of configuration


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(kinds.UnknownKind) as unknown:
        kinds.load("inference.rules", "zones")
    assert unknown.value.suggestion == "zone"


HEAVY = (
    "onnxruntime",
    "openvino",
    "nncf",
    "torch",
    "ultralytics",
    "rapidocr",
    "grpc",
    "cv2",
    "pyproj",
    "shapely",
    "shapefile",
    "rasterio",
    "amqtt",
    "aio_rtsp_toolkit",
)


@pytest.mark.parametrize("module", ["edge.daemon", "edge.check", "edge.cli", "edge.api.api"])
def test_the_main_process_never_loads_what_only_workers_and_the_demo_need(module: str) -> None:
    """It lives for months on a small box, and never touches a pixel."""
    code = f"import sys, {module}; print(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_whole_site_is_planned_without_loading_a_model_runtime() -> None:
    code = (
        "import sys; from pathlib import Path; from edge import assets; from edge.plan import plan;"
        "from edge.settings.loader import load; plan(load(assets.folder() / 'demo.yaml'));"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
