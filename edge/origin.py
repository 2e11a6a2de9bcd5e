"""Where a daemon's settings come from."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from edge.orders.sitefile import SiteFile
from edge.settings.model import Site


@dataclass(frozen=True, slots=True)
class Origin:
    """file: the site file. reload: set by whoever wants it to be looked at now; None: the daemon does not follow its
    changes, and it cannot be changed by order."""

    file: Path
    reload: asyncio.Event | None = None

    def site_file(self, site: Site) -> SiteFile | None:
        """As orders and the console change it; None where they cannot."""
        if self.reload is None:
            return None
        return SiteFile(self.file, site.storage.path, self.reload.set)

    def sha256(self) -> str:
        """Raises OSError."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()
