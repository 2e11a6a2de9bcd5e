"""What is between the comparison and the patches."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.detections import Boxes
from inference.land.evidence import Evidence
from inference.land.settings import LandSettings
from inference.land.silence import NoJudgement, Silence
from inference.land.state import Forgotten
from inference.land.watch import LandWatch
from tests.support.lands import NOBODY, SHAPE, START, Scene, flat

PICTURE = np.zeros((108, 192, 3), np.uint8)
BARE = Scene(dug=[((40, 20, 52, 28), 0.8)])


class Saying:
    """inference.land.watch.Judge that says what it is told to."""

    def __init__(self, answer: Scene | Silence) -> None:
        self.answer = answer
        self.suspects: list[NDArray[np.bool_] | None] = []

    def look(
        self, picture: NDArray[np.uint8], time: float, occupied: Boxes, suspects: NDArray[np.bool_] | None
    ) -> Evidence | NoJudgement:
        self.suspects.append(suspects)
        if isinstance(self.answer, Silence):
            return NoJudgement.because(self.answer)
        return self.answer.evidence(time)


def looks(watch: LandWatch, number: int, start: float = START) -> list[str]:
    return [
        finding.phase.value
        for look in range(number)
        for finding in watch.look(PICTURE, start + 30 * look, NOBODY, NOBODY).findings
    ]


def test_what_is_suspected_is_told_to_whom_it_must_not_teach() -> None:
    judge = Saying(BARE)
    watch = LandWatch(LandSettings(), judge, flat)
    assert looks(watch, 40) == ["new"]
    assert judge.suspects[0] is None
    last = judge.suspects[-1]
    assert last is not None
    assert last.shape == SHAPE
    assert last[20:28, 40:52].all()


def test_a_look_that_cannot_be_judged_says_why_and_changes_nothing() -> None:
    judge = Saying(BARE)
    watch = LandWatch(LandSettings(), judge, flat)
    looks(watch, 40)
    saved, judge.answer = watch.state(), Silence.FOG
    step = watch.look(PICTURE, START + 2000, NOBODY, NOBODY)
    assert (step.findings, step.condition) == ((), "fog")
    assert step.told == Silence.FOG.words
    assert watch.state() == saved


def test_state_goes_on_in_another_process_and_damage_leaves_a_fresh_one() -> None:
    watch = LandWatch(LandSettings(), Saying(BARE), flat)
    looks(watch, 40)
    other = LandWatch(LandSettings(), Saying(BARE), flat)
    with pytest.raises(Forgotten):
        other.restore(watch.state()[:-1])
    assert other.open == ()
    other.restore(watch.state())
    assert other.open == watch.open
    assert looks(other, 40, START + 1200) == []
    assert [each.reason for each in other.close(START + 2400)] == ["stopped"]
