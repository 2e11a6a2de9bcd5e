"""The ground as one camera sees it pointing one way: its references and what has gathered, kept on disk."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from pydantic import ValidationError

from edge.land.standing import CARD, Standing, standing
from edge.worker.job import LandJob
from inference.change import Corner, Place
from inference.findings import Finding, Phase
from inference.land.bank import Bank
from inference.land.judge import Judge
from inference.land.patches import LandStep
from inference.land.silence import Silence
from inference.land.state import Forgotten
from inference.land.watch import LandWatch
from inference.terrain.sight import Sight
from streams import whole
from streams.problem import Problem, Text

_KEEP = 600.0  # s between two copies on disk: an SD card lives long on one write in ten minutes
_PATCHES = "patches.npz"

log = structlog.get_logger()

Boxes = NDArray[np.float32]


class LandView:
    """One thread. A disk that takes nothing costs the memory over a restart, aloud, and nothing else."""

    def __init__(
        self,
        folder: Path,
        job: LandJob,
        position: tuple[float, float] | None,
        placing: Callable[[Sequence[Corner]], Place],
        sight: Sight | None,
    ) -> None:
        """folder: of this view alone. placing, sight: for pictures of its aspect."""
        self._folder, self._job, self._position = folder, job, position
        self._placing, self._sight = placing, sight
        self._kept: float | None = None
        self._begin()
        recalled = self._recalled()
        # What was dated once and is gone must not be learnt anew in silence: a dig of meanwhile would be the usual.
        self._vanished = recalled.frozen is not None and self._bank.frozen is None and not self._bank.broken
        self._standing = recalled
        self._restore()

    @property
    def open(self) -> tuple[Finding, ...]:
        """The last message of each open patch."""
        return self._watch.open

    def look(self, picture: NDArray[np.uint8], time: float, occupied: Boxes, working: Boxes) -> LandStep:
        """As inference.land.watch.LandWatch.look takes it."""
        step = self._looked(picture, time, occupied, working)
        self._stand(step.condition, time)
        born = any(finding.phase is not Phase.UPDATE for finding in step.findings)
        if born or self._kept is None or not 0 <= time - self._kept < _KEEP:
            self.keep(time)
        return step

    def _looked(self, picture: NDArray[np.uint8], time: float, occupied: Boxes, working: Boxes) -> LandStep:
        if self._vanished:
            return LandStep(condition=Silence.DAMAGED.value, told=_VANISHED)
        step = self._watch.look(picture, time, occupied, working)
        return step if step.condition is None else replace(step, condition=str(step.condition))

    @property
    def problem(self) -> Problem | None:
        """Of its references."""
        return next(iter(self._bank.problems()), None)

    def freeze(self, now: float) -> bool:
        """What was seen becomes the dated reference. False: nothing fit for one was seen."""
        if self._vanished or not self._bank.lights:
            return False
        self._bank.freeze(now)
        self._standing = self._standing.model_copy(update={"frozen": self._bank.frozen})
        self.keep(now)
        return True

    def allow(self, key: str, until: float, now: float, note: str) -> list[Finding]:
        """Raises KeyError: no such open patch."""
        ended = self._watch.allow_patch(key, until, now, note)
        self.keep(now)
        return ended

    def forget(self, now: float) -> list[Finding]:
        """Begin anew: references and all that has gathered are thrown away, histories stay. Raises OSError."""
        ended = self._watch.forget(now, "forgotten")
        self._bank.restart()
        self._vanished, self._standing = False, Standing()
        self.keep(now)
        return ended

    def keep(self, now: float) -> None:
        """On disk, for the next start."""
        self._kept = now
        try:
            whole.write(self._folder / _PATCHES, self._watch.state())
            whole.write(self._folder / CARD, self._standing.model_dump_json().encode())
            self._bank.save()
        except OSError as error:
            log.warning("land.not_kept", folder=str(self._folder), why=str(error))

    def picture(self, light: str) -> Path | None:
        """The kept picture of a reference, if it is there."""
        try:
            path = self._bank.picture(light)
        except KeyError:  # damaged since, and named as such
            return None
        return path if path.is_file() else None

    def _begin(self) -> None:
        settle = math.inf if self._job.freeze is None else self._job.freeze
        self._bank = Bank.opened(self._folder / "references", settle)
        judge = Judge(self._bank, self._position)
        self._watch = LandWatch(self._job.settings, judge, self._placing, self._sight)

    def _recalled(self) -> Standing:
        try:
            return standing(self._folder)
        except (OSError, ValidationError) as error:
            self._forgot(CARD, error)
            return Standing()

    def _restore(self) -> None:
        try:
            self._watch.restore((self._folder / _PATCHES).read_bytes())
        except FileNotFoundError:
            return
        except (OSError, Forgotten) as error:
            self._forgot(_PATCHES, error)

    def _forgot(self, name: str, error: Exception) -> None:
        log.warning("land.forgotten", path=str(self._folder / name), why=type(error).__name__)

    def _stand(self, condition: str | None, time: float) -> None:
        before = self._standing
        same = before.looked is not None and condition == before.condition
        self._standing = Standing(
            frozen=before.frozen if self._vanished else self._bank.frozen,
            looked=time,
            condition=condition,
            since=before.since if same else time,
        )


_VANISHED = Text(
    "the dated references are gone: put their folder back, or begin anew by sandwatch land forget",
    "已定格的参考图像不见了：请恢复其文件夹，或执行 sandwatch land forget 重新开始",
)
