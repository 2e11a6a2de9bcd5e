"""Where the CPU time goes: a stopwatch per step of the work."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Stages:
    """CPU seconds of the calling thread per named step. Costs about a microsecond per use.

    Work that a library gives to its own threads (ONNX Runtime with more than one) is not counted: measure
    with one thread.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.counts: dict[str, int] = defaultdict(int)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        start = time.thread_time()
        try:
            yield
        finally:
            self.seconds[step] += time.thread_time() - start
            self.counts[step] += 1
