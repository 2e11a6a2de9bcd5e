"""What commands are carried out with: the parts of a running box, and who asks."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, JsonValue

from edge.fleet import Fleet
from edge.orders.errands import Errands
from edge.orders.helm import Helm
from edge.orders.mutes import Mutes
from edge.orders.problems import OrderRefused, no_camera, no_rule
from edge.orders.sitefile import SiteFile
from edge.settings.orders import Permission

Upload = Callable[[str], Awaitable[BaseModel]]


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks. name: unique over all ways of asking ("mqtt:county"); may: what it is allowed."""

    name: str
    may: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Call:
    """One order under way. progress: tells a share of the work, 0 to 1, of what takes long."""

    id: str
    who: Who
    progress: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Box:
    """rules: camera -> names of its rules. report: what `status` says of the daemon. site_file: None where nothing can
    be configured. upload: None where nothing is uploaded."""

    storage: Path
    fleet: Fleet
    errands: Errands
    helm: Helm
    mutes: Mutes
    report: Callable[[], Mapping[str, JsonValue]]
    rules: Mapping[str, frozenset[str]] = field(default_factory=dict)
    site_file: SiteFile | None = None
    upload: Upload | None = None
    ground: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one order about the ground that is waited for: each waits in a thread."""

    def camera(self, name: str) -> str:
        """Raises OrderRefused where there is no such camera."""
        if name not in self.fleet.cameras:
            raise OrderRefused(no_camera(name))
        return name

    def rule(self, camera: str, name: str | None) -> None:
        """Raises OrderRefused where this camera has no such rule; None: all of them."""
        if name is not None and name not in self.rules.get(self.camera(camera), frozenset()):
            raise OrderRefused(no_rule(camera, name))
