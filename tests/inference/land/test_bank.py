"""References are kept as files with their hashes, frozen and dated, and are never what was not kept."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.land.bank import GAP, Bank
from inference.land.evidence import Evidence
from inference.land.judge import Judge
from inference.land.silence import NoJudgement, Silence
from tests.support.landscape import Landscape, Picture, spot

PLACE = Landscape()
NOBODY = np.zeros((0, 4), np.float32)
DAY = 86_400.0
START = 1_750_000_000.0  # 15:06 UTC: "hour-14"
DUG = spot()


def taught(folder: Path, looks: int = 6) -> Bank:
    """Frozen after some looks in one light."""
    bank = Bank.opened(folder)
    judge = Judge(bank)
    for number in range(looks):
        judge.look(PLACE.seen(chance=number), START + number * GAP, NOBODY, None)
    bank.freeze(START + looks * GAP)
    return bank


def said(bank: Bank, picture: Picture, time: float = START + 7 * GAP) -> Evidence | NoJudgement:
    return Judge(bank).look(picture, time, NOBODY, None)


def test_a_frozen_reference_is_dated_and_its_picture_is_kept_as_it_was(tmp_path: Path) -> None:
    bank = taught(tmp_path)
    assert bank.frozen == START + 6 * GAP
    (reference,) = bank.lights.values()
    assert reference.light == "hour-14"
    assert reference.taken == START
    kept = cv2.imread(str(bank.picture("hour-14")))
    assert kept is not None
    assert (kept == PLACE.seen(chance=0)).all()


def test_a_restart_judges_as_before(tmp_path: Path) -> None:
    bank = taught(tmp_path)
    look = PLACE.seen(dug=DUG, chance=40)
    before, after = said(bank, look), said(Bank.opened(tmp_path), look)
    assert isinstance(before, Evidence)
    assert isinstance(after, Evidence)
    assert np.allclose(before.change, after.change, atol=1e-3, equal_nan=True)
    assert before.reference == after.reference


def test_a_restart_in_the_middle_of_learning_goes_on(tmp_path: Path) -> None:
    bank = Bank.opened(tmp_path)
    for number in range(2):
        Judge(bank).look(PLACE.seen(chance=number), START + number * GAP, NOBODY, None)
    bank.save()
    again = Bank.opened(tmp_path)
    assert again.frozen is None
    light = again.light("hour-14")
    assert light is not None
    assert light.gather.looks == 2


def test_what_is_frozen_stays_the_same_file(tmp_path: Path) -> None:
    bank = taught(tmp_path)
    before = bank.reference("hour-14")
    for number in range(8, 14):
        said(bank, PLACE.seen(dug=DUG, chance=number), START + number * GAP)
    bank.save()
    assert Bank.opened(tmp_path).reference("hour-14") == before
    found = said(bank, PLACE.seen(dug=DUG, chance=50), START + 14 * GAP)
    assert isinstance(found, Evidence)
    assert np.median(found.change[DUG]) > 0.85


@pytest.mark.parametrize("kind", ["hour-*.png", "hour-*.npz", "bank.json"])
@pytest.mark.parametrize("harm", ["deleted", "cut", "other"])
def test_a_damaged_reference_is_named_and_nothing_is_judged_or_learnt_anew(
    tmp_path: Path, kind: str, harm: str
) -> None:
    taught(tmp_path)
    path, *_ = sorted(tmp_path.glob(kind))
    match harm:
        case "deleted":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[:-20])
        case _:
            path.write_bytes(b"x" * 400)
    bank = Bank.opened(tmp_path)
    for number in range(3):
        found = said(bank, PLACE.seen(dug=DUG, chance=number), START + (7 + number) * GAP)
        assert isinstance(found, NoJudgement)
        assert found.condition is Silence.DAMAGED
    (problem,) = bank.problems()
    assert problem.code == "land.reference_damaged"
    assert path.name in problem.what.en
    assert path.name in problem.what.zh


@pytest.mark.parametrize("kind", ["daylight-*.png", "daylight-*.npz"])
def test_where_the_colours_of_all_lights_are_lost_each_has_its_own(tmp_path: Path, kind: str) -> None:
    taught(tmp_path)
    path, *_ = sorted(tmp_path.glob(kind))
    path.unlink()
    bank = Bank.opened(tmp_path)
    found = said(bank, PLACE.seen(dug=DUG, chance=50), START + 14 * GAP)
    assert isinstance(found, Evidence)
    assert np.median(found.change[DUG]) > 0.85
    assert path.name in bank.problems()[0].what.en


def test_a_picture_deleted_while_it_runs_is_noticed(tmp_path: Path) -> None:
    bank = taught(tmp_path)
    assert isinstance(said(bank, PLACE.seen(chance=9)), Evidence)
    bank.picture("hour-14").unlink()
    found = said(bank, PLACE.seen(chance=9))
    assert isinstance(found, NoJudgement)
    assert found.condition is Silence.DAMAGED
    assert len(bank.problems()) == 1


def test_a_person_may_take_today_as_the_usual(tmp_path: Path) -> None:
    bank = taught(tmp_path)
    bank.picture("hour-14").unlink()
    said(bank, PLACE.seen())
    bank.restart()
    found = said(bank, PLACE.seen(dug=DUG), START + 20 * GAP)
    assert isinstance(found, NoJudgement)
    assert found.condition is Silence.LEARNING
    bank.freeze(START + 21 * GAP)
    after = said(bank, PLACE.seen(dug=DUG, chance=3), START + 22 * GAP)
    assert isinstance(after, Evidence)
    assert np.nanmedian(after.change[DUG]) < 0.2


def test_old_files_go_and_lights_are_bounded(tmp_path: Path) -> None:
    bank = Bank.opened(tmp_path)
    for hour in range(12):
        Judge(bank).look(PLACE.seen(chance=hour), START + hour * 7200, NOBODY, None)
    bank.freeze(START + 90_000)
    bank.freeze(START + 91_000)
    assert len(bank.lights) == 12
    assert len(list(tmp_path.iterdir())) == 13 * 3 + 1  # and the colours of all of them
    assert Bank.opened(tmp_path).problems() == []


def test_beside_what_is_frozen_is_written_once_an_hour(tmp_path: Path) -> None:
    bank = taught(tmp_path)
    kept = []
    for number in range(4):
        said(bank, PLACE.seen(chance=20 + number), START + DAY + number * GAP)
        bank.save()
        kept.append({path.name for path in tmp_path.glob("hour-14*")})
    assert kept[0] == kept[1] == kept[2] == kept[3]
    light = Bank.opened(tmp_path).light("hour-14")
    assert light is not None
    assert light.gather.looks == 1
