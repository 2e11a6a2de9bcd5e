"""Where the files that ship with the package lie: in the wheel, or in a checkout."""

from pathlib import Path

import edge


def folder() -> Path:
    """The shipped config/ folder (models, demo clip, demo.yaml). Installed as edge/config, else beside edge/."""
    package = Path(edge.__file__).parent
    installed = package / "config"
    return installed if installed.is_dir() else package.parent / "config"


def models() -> Path:
    return folder() / "models"
