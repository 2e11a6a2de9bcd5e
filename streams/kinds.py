"""Plug-ins by file name: `kind: rtsp` in the configuration is the file sources/rtsp.py.

A kind is a module that exports `Spec` (a frozen pydantic model with a literal `kind`) and `build(spec, ...)`.
It is imported only when a site uses it, so a box without a GPU never pays for a GPU backend.
"""

import difflib
import importlib
import pkgutil
from functools import cache
from types import ModuleType


class UnknownKind(LookupError):
    """No file of that name in the plug-in folder. `suggestion` is the nearest known kind, if any is near."""

    def __init__(self, package: str, kind: str) -> None:
        self.package = package
        self.kind = kind
        self.known = known(package)
        near = difflib.get_close_matches(kind, self.known, n=1)
        self.suggestion = near[0] if near else None
        super().__init__(f"no kind {kind!r} in {package}; known: {', '.join(self.known)}")


@cache
def known(package: str) -> tuple[str, ...]:
    """The kinds in a plug-in package ("streams.sources"), by listing its folder, importing none of them."""
    folder = importlib.import_module(package)
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folder.__path__)))


def load(package: str, kind: str) -> ModuleType:
    """Import one kind. Raises UnknownKind."""
    if kind not in known(package):
        raise UnknownKind(package, kind)
    return importlib.import_module(f"{package}.{kind}")
