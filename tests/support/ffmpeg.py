"""FFmpeg's own programs as judges of what we wrote."""

import json
import subprocess
from pathlib import Path
from typing import Any

_ALL = ["-fps_mode", "passthrough", "-enc_time_base", "1:90000"]  # every picture, however close to the next


def complaints(path: Path) -> str:
    """What ffprobe has to say against a file, and ffmpeg when it decodes all of it; empty: nothing."""
    probe = ["ffprobe", "-v", "error", str(path)]
    decode = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), *_ALL, "-f", "null", "-"]
    results = [
        subprocess.run(command, check=False, capture_output=True, text=True) for command in (probe, decode)
    ]
    return "".join(one.stderr + ("" if one.returncode == 0 else f"exit {one.returncode}") for one in results)


def stream(path: Path) -> dict[str, Any]:
    """Its only stream as ffprobe sees it, with every packet and picture counted."""
    fields = ["-show_streams", "-count_packets", "-count_frames", "-of", "json"]
    found = subprocess.run(["ffprobe", "-v", "error", *fields, str(path)], capture_output=True, check=True)
    (only,) = json.loads(found.stdout)["streams"]
    return dict(only)


def times(path: Path) -> list[float]:
    """When each picture is shown, s from the start of the file, in order."""
    fields = ["-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "json"]
    found = subprocess.run(["ffprobe", "-v", "error", *fields, str(path)], capture_output=True, check=True)
    return [float(frame["pts_time"]) for frame in json.loads(found.stdout)["frames"]]
