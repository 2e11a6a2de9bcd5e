"""The daemon under tracemalloc: `python -m bench.traced run --config FILE` is `sandwatch run` that notes at every
SIGUSR1 what it holds, in $SANDWATCH_TRACED."""

import gc
import json
import os
import signal
import threading
import tracemalloc
from itertools import count
from pathlib import Path

AT = "SANDWATCH_TRACED"
_DEEP = 1  # frames: the line that allocated
_MOST = 10
_NUMBERS = count()


def told(folder: Path) -> dict[str, float]:
    """KiB by which lines grew from the first note to the last, the largest first. "all": of everything traced."""
    first, *_, last = (json.loads(path.read_text()) for path in sorted(folder.glob("*.traced")))
    grown = {line: (size - first.get(line, 0)) / 1024 for line, size in last.items()}
    everything = (sum(last.values()) - sum(first.values())) / 1024
    ranked = sorted(grown.items(), key=lambda each: -each[1])[:_MOST]
    return {"all": everything, **{line: size for line, size in ranked if size > 1}}


def _note(*_: object) -> None:
    """Off the main thread: a snapshot takes a second."""
    threading.Thread(target=_write, args=(next(_NUMBERS),), daemon=True).start()


def _write(number: int) -> None:
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, tracemalloc.__file__)])
    sizes = {_short(each.traceback[0]): each.size for each in snapshot.statistics("lineno")}
    path = Path(os.environ[AT]) / f"{number}.traced"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(sizes))
    part.rename(path)


def _short(frame: tracemalloc.Frame) -> str:
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"


def _main() -> None:
    tracemalloc.start(_DEEP)
    signal.signal(signal.SIGUSR1, _note)
    from edge.cli import main  # noqa: PLC0415  (what it imports is traced)

    main()


if __name__ == "__main__":
    _main()
