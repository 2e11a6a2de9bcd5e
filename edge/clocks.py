"""The box's own clock: who keeps it right, how far off it is, and whether somebody set it.

Nothing in the gateway goes by the wall clock but the times that are told; order and waiting go by others.
"""

import asyncio
import ctypes
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable

import structlog

from edge.envelope import Clock
from edge.letter import ClockSet, Letter, SiteNote
from edge.outbox_problems import OutboxError
from streams.problem import Problem, Text

log = structlog.get_logger()

_EVERY_S = 60.0  # between two questions: time servers are polled every minute or more seldom
_LOOK_S = 5.0  # between two looks for a jump
# s. chrony turns a clock by up to a twelfth, 0.4 s between two looks: more is no correction but somebody's hand.
_JUMP_S = 1.0
# s. Fetching the time after a start takes minutes over a bad link; nobody has to come for that.
_PATIENCE_S = 600.0
_OFF_MS = 1000.0  # what is burnt into a picture is read in court to the second
_ANSWER_S = 5.0  # both programs ask a daemon of this box

_STA_UNSYNC, _STA_NANO, _TIME_ERROR = 0x0040, 0x2000, 5


def boot_time() -> float:
    """s since the box started, also while it slept; nobody sets it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def read_clock() -> Clock:
    """Asks chrony, else the kernel, which systemd-timesyncd corrects. Blocks for seconds at worst; never raises."""
    return chrony(_said("chronyc", "-c", "tracking")) or kernel(
        _adjtimex(), timesyncd=bool(_said("timedatectl", "show-timesync", "--property=ServerName", "--value"))
    )


def chrony(tracking: str | None) -> Clock | None:
    """Of what `chronyc -c tracking` says: CSV, of which the fifth is the correction still to be made in s (above 0: the
    clock is slow) and the last the leap status."""
    fields = (tracking or "").split(",")
    try:
        correction = float(fields[4])
    except (IndexError, ValueError):
        return None
    synchronised = fields[-1] != "Not synchronised"
    return Clock(
        source="chrony",
        offset_ms=round(-1000 * correction, 3) if synchronised else None,
        synchronised=synchronised,
    )


def kernel(answer: tuple[int, int, int] | None, *, timesyncd: bool) -> Clock:
    """Of adjtimex(2)'s state, status and offset: the correction still to be made, in µs, or ns under STA_NANO."""
    if answer is None:
        return Clock()
    state, status, offset = answer
    synchronised = not status & _STA_UNSYNC and state != _TIME_ERROR
    unit = 1e-6 if status & _STA_NANO else 1e-3
    return Clock(
        source="timesyncd" if timesyncd else "kernel",
        offset_ms=round(-offset * unit, 3) if synchronised else None,
        synchronised=synchronised,
    )


class Jumps:
    """Tells when the wall clock moved otherwise than time did. Both in s."""

    def __init__(self, wall: float, ticks: float) -> None:
        self._apart = wall - ticks

    def look(self, wall: float, ticks: float) -> float | None:
        """s it jumped since the last look (forward: above 0); None: it did not."""
        before, self._apart = self._apart, wall - ticks
        jumped = self._apart - before
        return jumped if abs(jumped) >= _JUMP_S else None


class Clocks:
    """A service. now: the latest state, for the events; append: takes an event about a jump; told: of trouble ("clock",
    a Problem or None)."""

    def __init__(
        self,
        append: Callable[[Letter], Awaitable[object]],
        told: Callable[[str, Problem | None], None],
        *,
        read: Callable[[], Clock] = read_clock,
        wall: Callable[[], float] = time.time,
        ticks: Callable[[], float] = boot_time,
        look: float = _LOOK_S,
    ) -> None:
        self._append, self._told, self._read = append, told, read
        self._wall, self._ticks, self._look = wall, ticks, look
        self._right = ticks()
        self.now = Clock()

    async def run(self) -> None:
        jumps, asked = Jumps(self._wall(), self._ticks()), float("-inf")
        while True:
            jumped = jumps.look(self._wall(), self._ticks())
            if jumped is not None:
                await self._tell(jumped)
            if jumped is not None or self._ticks() - asked >= _EVERY_S:
                asked = self._ticks()
                self._state(await asyncio.to_thread(self._read))
            await asyncio.sleep(self._look)

    def _state(self, now: Clock) -> None:
        self.now = now
        if now.synchronised is not False:
            self._right = self._ticks()
        self._told("clock", trouble(now, self._ticks() - self._right))

    async def _tell(self, jumped: float) -> None:
        log.warning("clock.jumped", seconds=round(jumped, 3))
        note = SiteNote.of("site.clock", self._wall(), ClockSet(jumped_s=round(jumped, 3)))
        try:
            await self._append(note)
        except OutboxError as error:  # it stands in the log; the events' own clock says the rest
            log.error("clock.jump_untold", problem=error.problem.say("en"))


def trouble(clock: Clock, wrong_for: float) -> Problem | None:
    """wrong_for: s since it was last synchronised."""
    if wrong_for >= _PATIENCE_S:
        return Problem(
            "clock.unsynchronised",
            Text("no time server keeps this box's clock right", "没有时间服务器为本机校时"),
            Text(
                "let chrony or systemd-timesyncd reach a time server; events carry the box's own time",
                "请让 chrony 或 systemd-timesyncd 连通时间服务器；事件使用本机时间",
            ),
        )
    if abs(clock.offset_ms or 0.0) > _OFF_MS:
        return Problem(
            "clock.off",
            Text("this box's clock is more than a second off", "本机时钟误差超过 1 秒"),
            Text("it is being corrected; look again later", "正在校正；请稍后再看"),
        )
    return None


def _said(program: str, *arguments: str) -> str | None:
    """What it prints; None where it is not there, fails or hangs."""
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 (a fixed command)
            [path, *arguments], capture_output=True, text=True, timeout=_ANSWER_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


class _Timex(ctypes.Structure):
    """struct timex of <sys/timex.h>."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
        ("status", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("constant", "precision", "tolerance", "sec", "usec", "tick")),
        *((name, ctypes.c_long) for name in ("ppsfreq", "jitter")),
        ("shift", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("stabil", "jitcnt", "calcnt", "errcnt", "stbcnt")),
        ("tai", ctypes.c_int),
        ("_", ctypes.c_int * 11),
    )


def _adjtimex() -> tuple[int, int, int] | None:
    """State, status and offset; None where the C library or a sandbox does not let us ask."""
    answer = _Timex(modes=0)
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(answer))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else (state, answer.status, answer.offset)
