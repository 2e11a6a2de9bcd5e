"""When files may go: at night, where 4G is metered."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.settings.upload import UploadSettings
from inference.schedule import Position, active


class HoursOver(Exception):
    """The window closed in the midst of a file."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When files may go. settings: of the site."""

    settings: UploadSettings
    time_zone: str
    position: Position | None = None
    clock: Callable[[], float] = time.time

    def open(self) -> bool:
        return active(self.settings.windows, self.clock(), self.time_zone, self.position)
