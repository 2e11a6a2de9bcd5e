"""The watch over a camera's ground, with what can go wrong on a site: the real parts, on drawn pictures."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
import pytest

from edge.casebook import CaseBook
from edge.land.folders import view
from edge.land.history import History
from edge.land.orders import Allow, Answer, Forget, Freeze, Mailbox, Order
from edge.settings.ground import GroundPoint
from edge.worker import landorders
from edge.worker.cadastre import Cadastre
from edge.worker.grounded import Grounded
from edge.worker.job import CameraJob, Job, LandJob
from edge.worker.surveyed import Surveyed
from inference.detectors import onnx
from inference.findings import Finding, Phase
from inference.land.settings import LandSettings
from inference.manifest import Manifest, Model, ModelInput
from inference.pipeline import Step
from inference.tracks import Tracks
from streams.frame import Frame
from streams.sources import folder as pictures
from tests.support import timelapse
from tests.support.timelapse import NOON, POSITION, Dig

SIZE = (640, 360)
DIG = Dig(side=20.0, begins=1500.0, lasts=300.0)
STARTS = 1260.0  # s after noon: the references are dated


class Mast:
    """A camera once a minute, until it is told to go on as another process."""

    def __init__(self, storage: Path, *, presets: Iterable[str] = (), freeze: float | None = 1200.0) -> None:
        points = tuple(GroundPoint(pixel=seen, metres=place) for seen, place in timelapse.control_points())
        self.camera = CameraJob(
            name="mast",
            source=pictures.Spec(path=Path("/nonexistent")),
            fps=1 / 60,
            zones={},
            rules=(),
            ground=() if presets else points,
            land=LandJob(LandSettings(), 60.0, freeze),
            presets=dict.fromkeys(presets, ()),
        )
        self.storage = storage
        self.starts()

    def starts(self) -> None:
        """Another process."""
        surveyed = Surveyed(self.camera, Cadastre.of(POSITION, ()), POSITION)
        self.cases = CaseBook(lambda: f"case{len(list(self.told))}")
        if not hasattr(self, "told"):
            self.told: list[tuple[Finding, str]] = []
        assert self.camera.land is not None
        job = site(self.camera, self.storage)
        self.land = Grounded(self.camera, self.camera.land, job, surveyed, ("truck",), self.cases)

    def sees(
        self,
        minutes: range,
        dig: Dig | None = DIG,
        *,
        size: tuple[int, int] = SIZE,
        seed: int = 0,
        ahead: float = 0.0,
    ) -> list[Finding]:
        """Looks at these minutes after noon. seed: of the place that is seen. ahead: s its clock is."""
        found: list[Finding] = []
        for minute in minutes:
            made = timelapse.picture(60.0 * minute, dig, size, seed)
            picture = av.VideoFrame.from_ndarray(made, format="bgr24")
            frame = Frame(picture, NOON + 60.0 * minute + ahead, minute)
            step = Step((), False, Tracks.none(), (), size)
            found += self._hears(self.land.look(frame, step, well=True).findings)
        return found

    def obeys(self, order: Order, patience: float = 5.0) -> tuple[Answer | None, list[Finding]]:
        box = Mailbox(self.storage, "mast")
        letter = box.post(order, NOON)
        found = self._hears(self.land.obey(NOON))
        return box.await_answer(letter, patience), found

    def _hears(self, findings: Iterable[Finding]) -> list[Finding]:
        found = []
        for finding in findings:
            entry = self.cases.enter(finding)
            self.land.note(finding, entry)
            self.told.append((finding, entry.event_id))
            found.append(finding)
        return found

    @property
    def folder(self) -> Path:
        return view(self.storage, "mast", None).folder


def site(camera: CameraJob, storage: Path) -> Job:
    manifest = Manifest(
        name="none",
        file="none.onnx",
        sha256="0" * 64,
        licence="-",
        classes=("truck",),
        input=ModelInput(width=320, height=320),
        decoder="yolox",
    )
    return Job(
        cameras=(camera,),
        detector=onnx.Spec(),
        model=Model(manifest=manifest, path=storage / "none.onnx"),
        threads=1,
        evidence=storage / "evidence",
        time_zone="UTC",
        log_level="error",
        log_format="json",
        position=POSITION,
    )


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landorders, "_ASK", 0.0)


@pytest.fixture(scope="module")
def dug(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The storage of a box that went while a case was open."""
    storage = tmp_path_factory.mktemp("dug")
    mast = Mast(storage)
    mast.sees(range(42))
    assert [finding.phase for finding, _ in mast.told][:1] == [Phase.NEW]
    mast.land.close(NOON + 42 * 60)
    return storage


@pytest.fixture
def after(dug: Path, tmp_path: Path) -> Mast:
    """The same box, started again: a copy for each test."""
    shutil.copytree(dug, tmp_path / "box")
    return Mast(tmp_path / "box")


def test_a_dig_is_told_as_large_as_it_is(dug: Path) -> None:
    (case,) = History(view(dug, "mast", None).folder).open().values()
    assert case.type == "land.disturbance"
    assert case.change is not None
    place = case.change.place
    assert place is not None
    assert place.area_m2 is not None
    assert place.area_m2 == pytest.approx(DIG.side**2, rel=0.15)
    assert len(place.outline) >= 4


def test_the_case_goes_on_after_a_restart(after: Mast) -> None:
    (case,) = History(after.folder).open()
    assert after.cases.open == (case,)
    assert after.sees(range(42, 50)) == [], "it has not grown"
    assert after.cases.open == (case,)


def test_references_that_were_deleted_are_not_learnt_anew_in_silence(after: Mast) -> None:
    shutil.rmtree(after.folder / "references")
    assert after.sees(range(42, 64)) == []
    assert after.land.counts.condition == "damaged"
    assert after.land.problem is not None
    assert "forget" in after.land.problem.say("en")
    assert len(after.cases.open) == 1, "the dig is still there, for all we know"


def test_one_deleted_picture_is_named(after: Mast) -> None:
    for path in (after.folder / "references").glob("*.png"):
        path.unlink()
    assert after.sees(range(42, 45)) == []
    assert after.land.counts.condition == "damaged"
    assert after.land.problem is not None


@pytest.mark.parametrize(
    ("size", "seed", "condition"),
    [((480, 360), 0, {"resized"}), (SIZE, 50, {"moved", "unregistered"})],
    ids=["another camera", "another view"],
)
def test_a_camera_that_shows_something_else_is_not_judged(
    after: Mast, size: tuple[int, int], seed: int, condition: set[str]
) -> None:
    assert after.sees(range(42, 62), dig=None, size=size, seed=seed) == []
    assert after.land.counts.condition in condition
    assert len(after.cases.open) == 1
    problem = after.land.problem
    assert (problem is not None) == (after.land.counts.condition != "unregistered"), "that may be rain"


@pytest.mark.parametrize("ahead", [-86_400.0, 86_400.0])
def test_a_clock_that_is_wrong_by_a_day_begins_and_ends_nothing(after: Mast, ahead: float) -> None:
    assert after.sees(range(42, 46), ahead=ahead) == []
    assert after.sees(range(46, 50)) == []
    assert len(after.cases.open) == 1


def test_what_has_gathered_may_be_lost_but_no_case_stays_open_for_ever(after: Mast) -> None:
    (after.folder / "patches.npz").write_bytes(b"damaged")
    (ended,) = after.sees(range(42, 43))
    assert (ended.phase, ended.reason) == (Phase.END, "lost")
    assert after.cases.open == ()


def test_a_case_that_the_disk_forgot_begins_again(after: Mast) -> None:
    """Its patch is known, its event id is not."""
    (after.folder / "history.jsonl").unlink()
    after.starts()
    growing = Dig(side=28.0, begins=0.0, lasts=1.0)
    found = after.sees(range(42, 62), dig=growing)
    assert found[0].phase is Phase.NEW
    assert all(finding.phase is not Phase.NEW for finding in found[1:])


def test_what_is_allowed_ends_and_is_quiet(after: Mast) -> None:
    after.sees(range(42, 43))
    (case,) = after.cases.open
    answer, ended = after.obeys(Allow(event_id=case, until=NOON + 30 * 86_400, note="permit 12"))
    assert answer is not None
    assert answer.done
    assert [(each.phase, each.reason) for each in ended] == [(Phase.END, "allowed")]
    assert after.sees(range(43, 55)) == []
    after.starts()
    assert after.sees(range(55, 60)) == [], "after a restart too"


def test_an_order_for_what_is_not_there_is_refused_in_words(after: Mast) -> None:
    for order in (Freeze(), Forget()):
        answer, _ = after.obeys(order)
        assert answer is not None
        assert not answer.done
        assert "live" in answer.text.en, "nothing was seen since the start"
    after.sees(range(42, 43))
    answer, _ = after.obeys(Allow(event_id="nobody", until=NOON))
    assert answer is not None
    assert not answer.done


def test_forgetting_begins_anew(after: Mast) -> None:
    after.sees(range(42, 43))
    answer, ended = after.obeys(Forget())
    assert answer is not None
    assert answer.done
    assert [(each.phase, each.reason) for each in ended] == [(Phase.END, "forgotten")]
    assert after.sees(range(43, 45)) == []
    assert after.land.counts.condition == "learning"
    after.starts()
    after.sees(range(45, 46))
    assert after.land.counts.condition == "learning", "nor is it remembered after a restart"


def test_references_are_dated_by_order(tmp_path: Path) -> None:
    mast = Mast(tmp_path, freeze=None)
    mast.sees(range(3), dig=None)
    assert mast.land.counts.condition == "learning"
    answer, _ = mast.obeys(Freeze())
    assert answer is not None
    assert answer.done
    mast.sees(range(3, 5), dig=None)
    assert mast.land.counts.condition is None
    mast.land.close(NOON + 300)
    card = json.loads((mast.folder / "view.json").read_text())
    assert card["frozen"] == NOON
    assert mast.land.counts.looks == 5
    assert mast.land.counts.milliseconds > 0


def test_a_camera_that_turns_away_ends_nothing_and_goes_on_where_it_was(tmp_path: Path) -> None:
    mast = Mast(tmp_path, presets=["east", "west"], freeze=None)
    mast.land.turn("east")
    mast.sees(range(2), dig=None)
    mast.obeys(Freeze(preset="east"))
    mast.land.turn("west")
    mast.sees(range(2, 4), dig=None, seed=9)
    assert mast.land.counts.condition == "learning", "of the other view nothing is dated"
    mast.land.turn("east")
    mast.sees(range(4, 6), dig=None)
    assert mast.land.counts.condition is None
    assert mast.told == []


def test_a_camera_that_is_not_well_is_not_asked(tmp_path: Path) -> None:
    mast = Mast(tmp_path)
    picture = av.VideoFrame.from_ndarray(np.zeros((360, 640, 3), np.uint8), format="bgr24")
    step = Step((), False, Tracks.none(), (), SIZE)
    told = mast.land.look(Frame(picture, NOON, 0), step, well=False)
    assert told.findings == ()
    assert (mast.land.counts.looks, mast.land.counts.condition) == (0, "unwell")
