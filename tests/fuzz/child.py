"""Some cases in a process of their own, which may die of them: `python -m tests.fuzz.child PART SEED FOLDER PORT CASE...`

Says on standard output, one JSON object per line, when a case begins and how it ended.
"""

import faulthandler
import json
import logging
import os
import resource
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import structlog

from streams.errors import StreamError
from streams.sources.rtsp import Spec, build
from tests.fuzz.material import CODECS, material
from tests.fuzz.mutate import mutated_units
from tests.fuzz.swallow import Swallow

_AT_ONCE = 8  # cameras: most of a case is waiting
_STAY = 3.0  # s: a source that still reads then is asked to stop
_MOST = 6 << 30  # bytes of address space: more than that is a runaway, and ends in MemoryError
_STUCK = 50.0  # s: then the places of all threads are told and the process ends

_SLOW = 2.0  # s of computing over one message: longer, and whoever writes such messages holds a box up

_BRIEF = {"connect_timeout": 0.8, "read_timeout": 0.6}
_PATIENT = {"connect_timeout": 30.0, "read_timeout": 30.0}  # a busy machine is no broken camera


def rtsp_case(case: int, seed: int, folder: Path, port: int) -> str:
    """How the source ended, and whether anything could be seen."""
    return _watched(case, folder, port, _BRIEF, _STAY)


def tame_case(case: int, seed: int, folder: Path, port: int) -> str:
    """The same with patience."""
    return _watched(case, folder, port, _PATIENT, _STUCK)


def _watched(case: int, folder: Path, port: int, times: dict[str, float], stay: float) -> str:
    sink, stop = Swallow(folder), threading.Event()
    timer = threading.Timer(stay, stop.set)
    timer.start()
    where = {"url": f"rtsp://127.0.0.1:{port}/{case}", "allow_networks": ("127.0.0.0/8",)}
    source = build(Spec.model_validate({**where, **times}))
    try:
        source.run(sink, stop)
        ended = "stopped"
    except StreamError as error:
        ended = error.code
    finally:
        timer.cancel()
    sink.digest()
    return f"{ended} {'seen' if sink.slot.pictures else 'blind'}"


def units_case(case: int, seed: int, folder: Path, _port: int) -> str:
    it = material(folder, tuple(CODECS)[case % len(CODECS)])
    sink = Swallow(folder)
    sink.opened(it.info)
    for packet in mutated_units(Random(f"{seed}/units/{case}"), it.info.codec, it.units):
        sink.packet(packet)
    sink.digest()
    return "seen" if sink.slot.pictures else "blind"


def words_case(case: int, seed: int, folder: Path, _port: int) -> str:
    from tests.fuzz import words  # noqa: PLC0415 (the other parts pay neither its time nor its memory)

    name = words.NAMES[case % len(words.NAMES)]
    began = time.thread_time()
    ended = words.run(name, Random(f"{seed}/words/{case}"), folder)
    if (spent := time.thread_time() - began) > _SLOW:
        raise AssertionError(f"{name}: {spent:.1f} s of computing")
    return f"{name} {ended}"


PARTS = {
    "rtsp": (rtsp_case, _AT_ONCE),
    "tame": (tame_case, _AT_ONCE),
    "units": (units_case, 1),
    "words": (words_case, 1),
}


def main(part: str, seed: int, folder: Path, port: int, cases: list[int]) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )  # only how it ends counts
    resource.setrlimit(resource.RLIMIT_AS, (_MOST, _MOST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    run, threads = PARTS[part]

    def one(case: int) -> None:
        _say(case=case, begin=True)
        if threads == 1:
            faulthandler.dump_traceback_later(_STUCK, exit=True)
            _forget_peak()
        try:
            ended = run(case, seed, folder, port)
        except Exception:  # noqa: BLE001 what must not happen: it is what we look for, and said
            ended = "defect: " + traceback.format_exc()
        _say(case=case, ended=ended, peak=_peak() if threads == 1 else 0)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, cases))


def _say(**words: object) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """Most memory of this case, MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) >> 10


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]),
        Path(sys.argv[3]),
        int(sys.argv[4]),
        [int(case) for case in sys.argv[5:]],
    )
