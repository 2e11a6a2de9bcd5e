"""Where what a worker has learned about its box is kept."""

import os
from pathlib import Path

_USUAL = Path("/var/lib/sandwatch")


def state_folder() -> Path:
    """What systemd made for the service (systemd.exec(5), StateDirectory=), or the usual place."""
    return Path(os.environ.get("STATE_DIRECTORY", "").split(":")[0] or _USUAL)
