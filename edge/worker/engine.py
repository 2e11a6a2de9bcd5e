"""The inference thread of a worker: newest picture of each camera in turn -> events."""

import threading
import time
from collections import deque

from edge.worker.cameras import Exchange
from edge.worker.farewell import STOPPED, Farewell
from edge.worker.link import Link
from edge.worker.messages import Found, Look, Point, Trouble
from edge.worker.watch import Watch
from inference.asking import together
from inference.detections import Detector
from inference.detector import DetectorFailed
from streams.frame import Frame
from streams.problem import Problem

Turn = tuple[Watch, Frame]

_IDLE = 0.5  # s: longest nap without a picture, so that a stop is noticed
_LAST_CLIPS = 0.5  # s for all clips to be closed when the worker is told to go; it has one in all
_ORDERS = 256  # waiting; the newest win: where a camera points now, not where it pointed


class Engine:
    """Takes turns over the cameras; sends what they lead to; says once when something starts or stops failing."""

    def __init__(
        self,
        watches: tuple[Watch, ...],
        bell: threading.Event,
        link: Link,
        detector: Detector,
        *,
        at_once: bool,
    ) -> None:
        """at_once: the detector is asked about all cameras that have a picture together, not in turn."""
        self.watches = watches
        self._detector, self._at_once = detector, at_once
        self._bell = bell
        self._link = link
        self._orders: deque[Look | Point] = deque(maxlen=_ORDERS)
        self._exchanges: deque[Exchange] = deque()  # few, and none may be lost
        self._troubles: dict[tuple[str, str], Problem] = {}
        self.turned = time.monotonic()

    def order(self, order: Look | Point) -> None:
        """From any thread: obeyed at the next turn."""
        self._orders.append(order)
        self._bell.set()

    def exchange(self, exchange: Exchange) -> None:
        """From any thread: carried out at the next turn."""
        self._exchanges.append(exchange)
        self._bell.set()

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; then every open event gets its END. Raises OSError when the daemon is gone."""
        while not stop.is_set():
            self._bell.wait(_IDLE)
            self._bell.clear()
            while self._exchanges:
                self._carry_out(self._exchanges.popleft())
            self._obey()
            self._round()
            self.turned = time.monotonic()
        self._dismiss(self.watches, STOPPED)

    def _carry_out(self, exchange: Exchange) -> None:
        """The detector is not asked meanwhile, and packets go on into their rings."""
        for name, why in exchange.leaving.items():
            self._dismiss(tuple(watch for watch in self.watches if watch.camera == name), why)
        self._forget(exchange.removed)
        staying = tuple(watch for watch in self.watches if watch.camera not in exchange.leaving)
        self.watches = staying + exchange.arriving()
        exchange.done()

    def _dismiss(self, watches: tuple[Watch, ...], why: Farewell) -> None:
        for watch in watches:
            watch.cut()
        deadline = time.monotonic() + _LAST_CLIPS
        for watch in watches:
            self._send(watch, watch.close(deadline, why))

    def _forget(self, cameras: frozenset[str]) -> None:
        """Nobody is told that their troubles are over: the daemon forgets them as well."""
        self._troubles = {key: value for key, value in self._troubles.items() if key[0] not in cameras}

    def _obey(self) -> None:
        while self._orders:
            order = self._orders.popleft()
            for watch in self.watches:
                if watch.camera == order.camera:
                    self._send(watch, watch.obey(order))

    def _round(self) -> None:
        """Every camera once."""
        waiting = list[Turn]()
        for watch in self.watches:
            frame = self._ready(watch)
            if frame is not None and self._at_once:
                waiting.append((watch, frame))
            elif frame is not None:
                self._look([(watch, frame)])
        if waiting:
            self._look(waiting)

    def _ready(self, watch: Watch) -> Frame | None:
        if ready := watch.tick():
            self._send(watch, ready)
        self._trouble(watch.camera, "stream", watch.stream_problem)
        return watch.take()

    def _look(self, turns: list[Turn]) -> None:
        """A detector that fails has failed for all of them."""
        try:
            results = together([watch.steps(frame) for watch, frame in turns], self._detector)
        except DetectorFailed as failed:
            for watch, _ in turns:
                self._trouble(watch.camera, "model", failed.problem)
            return
        for (watch, _), found in zip(turns, results, strict=True):
            self._trouble(watch.camera, "model", watch.model_problem)
            self._send(watch, found)

    def _send(self, watch: Watch, found: list[Found]) -> None:
        for message in found:
            self._link.send(message)
        self._trouble(watch.camera, "snapshot", watch.snapshot_problem)
        self._trouble(watch.camera, "clip", watch.clip_problem)
        self._trouble(watch.camera, "picture", watch.picture_problem)
        self._trouble(watch.camera, "ground", watch.ground_problem)
        self._trouble(watch.camera, "land", watch.land_problem)

    def _trouble(self, camera: str, code: str, problem: Problem | None) -> None:
        """Tell the daemon on a change only: a full disk is one line in the log, not one per truck."""
        if self._troubles.get((camera, code)) == problem:
            return
        if problem is None:
            del self._troubles[camera, code]
        else:
            self._troubles[camera, code] = problem
        self._link.send(Trouble(code=code, camera=camera, problem=problem))
