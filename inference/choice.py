"""Which way a box was found to run a model best, remembered over restarts."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import structlog

from inference.candidates import Candidate
from inference.manifest import Model, ModelRefused, quantised

_FILE = "detector-choice.json"
_MOST = 16  # choices kept: models and thread counts that were tried on this box
_LIBRARIES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "openvino", "numpy")

Facts = dict[str, str]

log = structlog.get_logger()


def facts(model: Model, threads: int, folders: tuple[Path, ...]) -> Facts:
    """All that a choice depends on: when one of them changes, it is made again."""
    try:
        int8 = quantised(model, folders).manifest.sha256
    except ModelRefused:  # most models have none
        int8 = "none"
    return {
        "model": model.manifest.sha256,
        "int8": int8,
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "threads": str(threads),
        **{library: _version(library) for library in _LIBRARIES},
    }


class Choices:
    """A JSON file in the state folder. Where that cannot be written, nothing is remembered, and the log says so."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Workers start together: the first measures, undisturbed, and the others wait for what it writes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = self._path.with_suffix(".lock").open("w")
        except OSError as error:
            log.warning("detector.choice_not_kept", path=str(self._path), reason=error.strerror)
            yield
            return
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def recall(self, known: Facts) -> Candidate | None:
        """What was chosen under exactly these facts."""
        for entry in self._entries():
            if entry.get("facts") == known:
                try:
                    return Candidate(**entry["choice"])  # type: ignore[arg-type]
                except (KeyError, TypeError):
                    return None  # another version's form
        return None

    def keep(self, known: Facts, choice: Candidate, figures: list[dict[str, object]]) -> None:
        others = [entry for entry in self._entries() if entry.get("facts") != known]
        entry = {"facts": known, "choice": asdict(choice), "measured": figures}
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps([entry, *others][:_MOST], indent=1), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            log.warning("detector.choice_not_kept", path=str(self._path), reason=error.strerror)

    def _entries(self) -> list[Mapping[str, object]]:
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            log.warning("detector.choice_unreadable", path=str(self._path), reason=str(error))
            return []
        return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _cpu() -> str:
    """proc(5): x86 says "model name"; ARM boards say "Model" or only their core's part number."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    told = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    told = {key.strip(): value.strip() for key, value in told.items()}
    return next((told[key] for key in ("model name", "Model", "CPU part") if key in told), "unknown")


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
