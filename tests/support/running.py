"""A source on a thread of its own."""

import threading

from streams.errors import StreamError
from streams.source import Source
from tests.support.sinks import PATIENCE, Collector

LOOPBACK = ("127.0.0.0/8",)  # what a test's camera needs as `allow_networks`


class Started:
    """Runs; called, it waits for the end and returns the error."""

    def __init__(self, source: Source, sink: Collector) -> None:
        self._source, self._sink = source, sink
        self._error: StreamError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._source.run(self._sink, self._sink.stop)
        except StreamError as error:
            self._error = error

    def __call__(self) -> StreamError | None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self._error
