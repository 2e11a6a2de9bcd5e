"""A camera's loudspeaker as a member of a talk group."""

import asyncio
import secrets
from random import Random
from typing import NoReturn, Protocol

import structlog

from relay.loudspeaker import channel
from relay.loudspeaker.booth import Booth
from relay.loudspeaker.channel import Way
from relay.loudspeaker.offer import Encoding, Form, Taken
from relay.loudspeaker.playout import Frame, Playout
from relay.loudspeaker.rtp import Stream
from relay.loudspeaker.spec import LoudspeakerSpec
from streams.errors import Fatal, StreamError
from streams.problem import Problem
from streams.retry import Ladder

_log = structlog.get_logger()


class Hearer(Protocol):
    """Who is told how a loudspeaker is. Called on the event loop; must not block."""

    def connected(self, name: str) -> None:
        """From now on it plays what is said."""

    def lost(self, name: str, problem: Problem) -> None:
        """It does not, or not any more. Told for every try that failed."""


class Loudspeaker:
    """Connected all the time, so that a warning is not late by a login; nothing is sent while nobody speaks."""

    def __init__(
        self, name: str, spec: LoudspeakerSpec, booth: Booth, hearer: Hearer, ladder: Ladder | None = None
    ) -> None:
        self._name, self._spec, self._booth, self._hearer = name, spec, booth, hearer
        self._ladder = ladder or Ladder(Random())  # noqa: S311 (jitter)
        self._mouth: _Mouth | None = None

    @property
    def connected(self) -> bool:
        return self._mouth is not None

    @property
    def sent(self) -> int:
        """Packets since it was connected."""
        return self._mouth.sent if self._mouth else 0

    @property
    def dropped(self) -> int:
        """Packets since it was connected that lagged behind too far, or that the camera did not take."""
        return self._mouth.dropped if self._mouth else 0

    async def run(self) -> NoReturn:
        """Connects again whenever it is lost: within seconds, or minutes where a person must act. Ends only by
        being cancelled, and in good order then."""
        while True:
            lived, failure = await self._one_connection()
            fatal = isinstance(failure, Fatal)
            wait = self._ladder.wait(lived=lived, fatal=fatal)
            _log.warning("loudspeaker.lost", member=self._name, error=str(failure), again_in=round(wait, 1))
            self._hearer.lost(self._name, failure.problem(self._name))
            await asyncio.sleep(wait)

    async def _one_connection(self) -> tuple[float, StreamError]:
        """Seconds that it could be spoken through, and what ended it."""
        try:
            await channel.run(self._spec, self._opened)
        except StreamError as error:
            return (self._mouth.age if self._mouth else 0.0), error
        finally:
            if self._mouth is not None:
                self._booth.detach(self._mouth.say)
                self._mouth.close()
                self._mouth = None

    def _opened(self, taken: Taken, way: Way) -> None:
        form = taken.form(self._spec.packet_time)
        self._mouth = _Mouth(taken, form, way)
        self._booth.attach(self._mouth.say, form)
        _log.info("loudspeaker.connected", member=self._name, codec=taken.encoding.value, rate=taken.rate)
        self._hearer.connected(self._name)


class _Mouth:
    """Gives a loudspeaker its packets when they are due."""

    def __init__(self, taken: Taken, form: Form, way: Way) -> None:
        self.sent = 0
        self._refused = 0
        self._rate, self._way = form.rate, way
        self._whole = (
            form.encoding is Encoding.AAC
        )  # each packet is marked as a whole access unit (RFC 3640, 3.1)
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._playout = Playout(form.seconds)
        self._timer: asyncio.TimerHandle | None = None
        self._stream = Stream(
            taken.payload_type,
            ssrc=secrets.randbits(32),
            sequence=secrets.randbits(16),
            timestamp=secrets.randbits(32),
        )

    @property
    def age(self) -> float:
        return self._loop.time() - self._since

    @property
    def dropped(self) -> int:
        return self._playout.dropped + self._refused

    def say(self, frame: Frame) -> None:
        self._playout.put(frame, self._loop.time())
        if self._timer is None:
            self._wait()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        due = self._playout.due
        self._timer = None if due is None else self._loop.call_at(due, self._play)

    def _play(self) -> None:
        # A timer may come a clock's tick early, and must not come again and again for one packet.
        now = max(self._loop.time(), self._playout.due or 0.0)
        while (frame := self._playout.take(now)) is not None:
            packet = self._stream.packet(
                frame.payload, passed=round(frame.passed * self._rate), marker=frame.first or self._whole
            )
            if self._way(packet):
                self.sent += 1
            else:
                self._refused += 1
        self._wait()
