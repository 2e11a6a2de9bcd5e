"""Which decoding hardware to try, in which order."""

from pathlib import Path
from typing import Literal

from av.codec.hwaccel import hwdevices_available

Acceleration = Literal["auto", "vaapi", "cuda", "qsv", "v4l2m2m", "none"]

# Device files tell whether a box has the hardware; what FFmpeg lists is only what it was built for.
_DEV = Path("/dev")
_NODES = {"cuda": "nvidia0", "vaapi": "dri/renderD*", "qsv": "dri/renderD*"}


def hardware(wanted: Acceleration) -> tuple[str, ...]:
    """Devices to try before the CPU, the best first. `auto` tries what is there; a device named by hand is
    tried in any case, so that its absence is said rather than passed over."""
    if wanted == "none":
        return ()
    if wanted != "auto":
        return (wanted,)
    known = hwdevices_available()
    return tuple(device for device, node in _NODES.items() if device in known and any(_DEV.glob(node)))
