"""What a camera usually looks like, kept over a restart."""

from pathlib import Path
from urllib.parse import quote

import structlog

from streams import whole
from streams.health.memory import Forgotten, dump, load
from streams.health.reference import Reference

log = structlog.get_logger()


class Memory:
    """Of one camera: a file per preset under `folder`. A disk that does not take it is said, and costs nothing else."""

    def __init__(self, folder: Path, camera: str) -> None:
        self._folder, self._camera = folder, camera

    def recall(self, preset: str | None) -> Reference:
        path = self._path(preset)
        try:
            return load(path.read_bytes())
        except FileNotFoundError:
            return Reference()
        except (OSError, Forgotten) as error:
            log.warning("reference.forgotten", camera=self._camera, path=str(path), why=str(error))
            return Reference()

    def keep(self, preset: str | None, reference: Reference) -> None:
        path = self._path(preset)
        try:
            whole.write(path, dump(reference))
        except OSError as error:
            log.warning("reference.not_kept", camera=self._camera, path=str(path), why=str(error))

    def _path(self, preset: str | None) -> Path:
        name = "view" if preset is None else f"preset-{quote(preset, safe='')}"
        return self._folder / self._camera / f"{name}.npz"
