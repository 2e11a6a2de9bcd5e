"""What is given up when the disk fills, in this order: clips, then pictures. Events go on."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from edge.evidence.problems import no_clips, no_pictures
from streams.problem import Problem


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that have to be free before a clip, and before a picture is kept; 0: never looked at."""

    clips: int = 0
    pictures: int = 0

    @classmethod
    def of(cls, free_gigabytes: float) -> "Room":
        """From what retention tries to leave free: half of it for clips, a quarter for pictures."""
        free = round(free_gigabytes * 1e9)
        return cls(free // 2, free // 4)

    def for_clip(self, folder: Path) -> Problem | None:
        """Why none can be kept under `folder` now. A disk that does not tell has room."""
        free = _free(folder) if self.clips else None
        return None if free is None or free >= self.clips else no_clips(free)

    def for_picture(self, folder: Path) -> Problem | None:
        free = _free(folder) if self.pictures else None
        return None if free is None or free >= self.pictures else no_pictures(free)


def _free(folder: Path) -> int | None:
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue  # not made yet
        except OSError:
            return None  # writing will say what is wrong
    return None
