"""What is installed is what is here."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOPS = ("edge", "streams", "inference", "relay")


def test_an_installed_sandwatch_has_every_package() -> None:
    told = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"])
    here = {
        ".".join(init.parent.relative_to(ROOT).parts)
        for top in TOPS
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert here == {name for name in told if not name.startswith("edge.config")}
