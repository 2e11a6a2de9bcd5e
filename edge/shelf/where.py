"""Which detector a command is about, and which folders its models are looked for in."""

import os
from pathlib import Path

from edge import assets
from edge.settings.loader import load
from inference.detector import DetectorSpec
from inference.detectors.onnx import Spec
from inference.manifest import search_path


def detector(site: Path | None) -> DetectorSpec:
    """The site's, or ours. Raises SettingsError."""
    return load(site).site.detector if site is not None else Spec()


def folders(spec: DetectorSpec) -> tuple[Path, ...]:
    return search_path(getattr(spec, "models", None), os.environ.get("SANDWATCH_MODELS"), assets.models())


def own(spec: DetectorSpec) -> Path:
    """The first of them: where a site puts models of its own."""
    return folders(spec)[0]
