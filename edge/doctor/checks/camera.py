"""Every camera: opened once by the code that reads it, until its first packet."""

import time
from collections.abc import Iterable, Iterator
from functools import partial
from threading import Event

from edge.doctor.question import Box, Question, Verdict, fail, fine
from edge.plan import camera
from edge.settings.model import Site
from streams import kinds
from streams.errors import StreamError
from streams.packet import Packet
from streams.problem import Problem, Text
from streams.source import NullSink, SourceSpec, StreamInfo

# s. Finding it, opening it (each 5 s unless the site says more), and a key frame of a "smart" codec, 20 s apart.
_PATIENCE = 45.0


def questions(box: Box) -> Iterable[Question]:
    return [] if box.site is None else list(_each(box.site))


def _each(site: Site) -> Iterator[Question]:
    for stream in site.streams:
        source = camera(stream, site.allow_networks).source
        yield Question(stream.name, partial(_look, stream.name, source), _PATIENCE)
        if (better := source.recorded()) is not None:
            yield Question(f"{stream.name} (record)", partial(_look, stream.name, better), _PATIENCE)


def _look(name: str, spec: SourceSpec) -> Iterator[Verdict]:
    """One try: more would lock the account where the password is wrong."""
    if spec.kind == "push":
        yield fine("sends by itself; nothing to be tried from here", "由对方推流；此处无法测试")
        return
    first, began = _First(), time.monotonic()
    try:
        kinds.load("streams.sources", spec.kind).build(spec).run(first, first.stop)
    except StreamError as error:
        yield fail(_unnamed(error.problem(name), name))
        return
    took = f"{time.monotonic() - began:.1f}"
    what = _described(first.info)
    yield fine(f"{what}first data after {took} s", f"{what}{took} 秒后收到数据")


def _unnamed(problem: Problem, name: str) -> Problem:
    """Whose it is stands before every line anyhow."""
    what = problem.what
    said = Text(what.en.removeprefix(f"{name}: "), what.zh.removeprefix(f"{name}："))
    return Problem(problem.code, said, problem.do)


def _described(info: StreamInfo | None) -> str:
    if info is None:
        return ""
    size = f" {info.width}x{info.height}" if info.width else ""
    return f"{info.codec}{size}, "


class _First(NullSink):
    """Stops its source at the first packet or picture."""

    def __init__(self) -> None:
        self.info: StreamInfo | None = None
        self.stop = Event()

    def opened(self, info: StreamInfo) -> None:
        self.info = info

    def packet(self, packet: Packet) -> None:
        self.stop.set()

    def frame(self, frame: object) -> None:
        self.stop.set()
