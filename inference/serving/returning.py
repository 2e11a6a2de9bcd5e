"""A detector that may go away and comes back by itself."""

import threading
import time
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import structlog

from inference.detections import Detections, Picture
from inference.detector import Described, DetectorFailed
from inference.manifest import Manifest
from inference.network import Network
from inference.serving import problems
from inference.serving.standin import StandIn
from inference.serving.wire import Away, Wire
from streams.problem import Problem
from streams.retry import Ladder

Opened = tuple[Network, Wire]

_STEADY = 3  # answers in a row before a stand-in is sent home: a server that flaps is worse than a slow CPU
_APART = 1.0  # s between those
_FIRST = 1.0  # s, ceiling: a service that is restarted is back in seconds
_CAP = 15.0  # s, ceiling: a person who has just plugged the cable in waits no longer, and many boxes knock

log = structlog.get_logger()


class Returning(Described):
    """See inference.detections.Detector. A picture that finds the server gone is the last to wait for it: a thread
    asks for it from then on, and pictures go to the stand-in, or fail at once.

    """

    def __init__(
        self,
        manifest: Manifest,
        open_: Callable[[], Opened],
        stand_in: StandIn | None = None,
        *,
        first: float = _FIRST,
        apart: float = _APART,
    ) -> None:
        """open_: raises DetectorFailed; here, that of a server that is merely Away is waited for like any other."""
        super().__init__(manifest)
        self._open = open_
        self._stand_in = stand_in
        self._first, self._apart = first, apart
        self._over = threading.Event()
        # One name for both, since two threads look at it: what answers, or what is wrong. The thread of the pictures
        # makes a problem of an answering server, the asking thread the opposite.
        self._state: Opened | Problem
        try:
            self._state = open_()
        except Away as away:
            self._lose(away.problem)

    @property
    def flexible(self) -> bool:
        state = self._state
        return not isinstance(state, Problem) and state[0].flexible

    @property
    def problem(self) -> Problem | None:
        """What is wrong now; None while the server answers."""
        state = self._state
        return state if isinstance(state, Problem) else None

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        state = self._state
        if not isinstance(state, Problem):
            network, wire = state
            try:
                return network.detect(pictures)
            except DetectorFailed as failed:
                wire.close()
                state = self._lose(failed.problem)
        if self._stand_in is not None:
            return self._stand_in.detect(pictures)
        raise DetectorFailed(state)

    def close(self) -> None:
        """Asks no more for a server that is away."""
        self._over.set()

    def _lose(self, cause: Problem) -> Problem:
        self._state = told = self._told(cause)
        log.error("detector.server_lost", reason=told.what.en)
        threading.Thread(target=self._return, name="inference-server", daemon=True).start()
        return told

    def _return(self) -> None:
        ladder = Ladder(Random(), first=self._first, cap=_CAP)  # noqa: S311 (spreads load, guards nothing)
        began, tries = time.monotonic(), 0
        while not self._over.wait(ladder.wait(lived=0.0)):
            tries += 1
            try:
                opened = self._open()
                self._stands(opened)
            except DetectorFailed as failed:
                self._state = self._told(failed.problem)
                continue
            log.info("detector.server_back", away=round(time.monotonic() - began, 1), tries=tries)
            self._state = opened
            return

    def _stands(self, opened: Opened) -> None:
        """Raises DetectorFailed where it does not go on answering."""
        network, wire = opened
        width, height = self.size
        blank = np.full((height, width, 3), self._manifest.input.pad, np.uint8)
        try:
            for _ in range(_STEADY if self._stand_in else 0):
                self._over.wait(self._apart)
                network.detect([blank])
        except DetectorFailed:
            wire.close()
            raise

    def _told(self, cause: Problem) -> Problem:
        return problems.stood_in(cause, self._stand_in.name) if self._stand_in else problems.blind(cause)
