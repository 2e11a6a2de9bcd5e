"""A site's own model: the manifest it needs, written beside it from what its export says of itself."""

from pathlib import Path

from ruamel.yaml import YAML

from edge.shelf import problems
from inference.adoption import adopted
from inference.manifest import Model, ModelRefused, verified


def adopt(file: Path, licence: str) -> Model:
    """Raises ModelRefused for what says nothing of itself or cannot be written to."""
    try:
        manifest = adopted(file, licence)
        path = file.with_name(f"{manifest.name}.yaml")
        with path.open("w", encoding="utf-8") as stream:
            YAML(typ="safe", pure=True).dump(manifest.model_dump(mode="json", exclude_defaults=True), stream)
    except OSError as error:
        raise ModelRefused(problems.not_kept(file.parent, error)) from error
    return verified(path)
