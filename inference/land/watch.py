"""One view watched for land disturbance: pictures in, findings out. No clock, no disk."""

from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes
from inference.findings import Finding
from inference.land import state
from inference.land.allowed import Allowance
from inference.land.evidence import Evidence
from inference.land.life import Placed
from inference.land.patches import LandStep, Patches
from inference.land.persist import Mask
from inference.land.settings import LandSettings
from inference.land.silence import NoJudgement
from inference.terrain.sight import Sight


class Judge(Protocol):
    """What compares a picture with the references of its view."""

    def look(
        self, picture: NDArray[np.uint8], time: float, occupied: Boxes, suspects: Mask | None
    ) -> Evidence | NoJudgement:
        """picture: uint8 [h, w, 3], BGR. time: s since 1970. occupied: float32 [N, 4], relative 0-1. suspects: bool,
        in the evidence's shape: never to be learnt from."""
        ...


class LandWatch:
    """A camera that can be turned has one for each preset. One that points elsewhere is not asked, and what it knows
    stays open; so it does over a restart (`state`, `restore`)."""

    def __init__(
        self,
        settings: LandSettings,
        judge: Judge,
        place: Placed | None = None,
        sight: Sight | None = None,
    ) -> None:
        """place, sight: None where the camera is not calibrated."""
        self._judge = judge
        self._fresh = partial(Patches, settings, place, sight)
        self._patches = self._fresh()

    @property
    def open(self) -> tuple[Finding, ...]:
        """The last message of each open case."""
        return self._patches.open

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        return self._patches.allowances

    def look(self, picture: NDArray[np.uint8], time: float, occupied: Boxes, working: Boxes) -> LandStep:
        """picture: uint8 [h, w, 3], BGR. time: s since 1970. occupied: float32 [N, 4], relative 0-1: every vehicle
        and person; working: machines that dig, load or stand ready to."""
        seen = self._judge.look(picture, time, occupied, self._patches.suspects())
        if isinstance(seen, NoJudgement):
            return LandStep(condition=seen.condition, told=seen.text)
        return self._patches.update(seen, occupied, working)

    def allow(self, allowance: Allowance, now: float) -> list[Finding]:
        """As inference.land.patches.Patches.allow."""
        return self._patches.allow(allowance, now)

    def allow_patch(self, key: str, until: float, now: float, note: str = "") -> list[Finding]:
        """As inference.land.patches.Patches.allow_patch. Raises KeyError."""
        return self._patches.allow_patch(key, until, now, note)

    def close(self, now: float, reason: str = "stopped") -> list[Finding]:
        """END of all that is open: nobody watches this view any more."""
        return self._patches.close(now, reason)

    def forget(self, now: float, reason: str = "unreferenced") -> list[Finding]:
        """END of all that is open, and of what is suspected: its references are given up."""
        return self._patches.forget(now, reason)

    def suspects(self) -> Mask | None:
        """As inference.land.patches.Patches.suspects."""
        return self._patches.suspects()

    def state(self) -> bytes:
        """What has to outlast a restart."""
        return state.dump(self._patches)

    def restore(self, saved: bytes) -> None:
        """Goes on from there, with the same cases under the same keys. Raises inference.land.state.Forgotten, and has
        seen nothing then."""
        fresh = self._fresh()
        state.resume(fresh, saved)
        self._patches = fresh
