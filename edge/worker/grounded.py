"""A camera's ground as its watch deals with it: looks, orders, and the cases that outlast a restart."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from edge.casebook import LASTING, CaseBook, Entry
from edge.worker.job import CameraJob, Job, LandJob
from edge.worker.land import Land, Told
from edge.worker.landorders import LandOrders
from edge.worker.messages import LandCounts
from edge.worker.surveyed import Surveyed
from inference.findings import Finding, Phase
from inference.pipeline import Step
from streams.frame import Frame
from streams.problem import Problem


class Grounded:
    """Of one camera; one thread. Cases that were open when the box went are open again in `cases`."""

    def __init__(
        self,
        camera: CameraJob,
        land: LandJob,
        job: Job,
        surveyed: Surveyed,
        labels: tuple[str, ...],
        cases: CaseBook,
    ) -> None:
        """labels: the classes of the detector."""
        self._land = Land(camera, land, job.storage, surveyed, labels, job.position)
        self._orders = LandOrders(job.storage, camera.name, self._land, cases.key)
        self._cases = cases
        for key, entry in self._land.ledger.recalled().items():
            cases.resume(key, entry)

    @property
    def problem(self) -> Problem | None:
        """Why the ground has not been judged for long."""
        return self._land.problem

    @property
    def counts(self) -> LandCounts:
        return self._land.counts

    def look(self, frame: Frame, step: Step, *, well: bool) -> Told:
        """step: what the pipeline says of this picture. well: the camera shows what it should."""
        if not well:
            self._land.unwell(frame.time)
            return Told()
        told = self._land.look(frame, step)
        return replace(told, findings=tuple(self._continued(told.findings)))

    def obey(self, now: float) -> Iterator[Finding]:
        """What people's orders end. now: s since 1970."""
        return self._continued(self._orders.obey(now))

    def turn(self, preset: str | None) -> None:
        self._land.turn(preset)

    def note(self, finding: Finding, entry: Entry) -> None:
        """A message that is about to be told."""
        if finding.type in LASTING:
            self._land.note(finding, entry)

    def leave(self, now: float, reason: str) -> list[Finding]:
        """END of all that is open: the camera, or the watch over its ground, is taken away."""
        return [ended for ended in self._land.ledger.left(now, reason) if ended.key in self._cases]

    def close(self, now: float) -> None:
        """Nothing is ended."""
        self._land.close(now)

    def _continued(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """A patch may have outlived the record of its case, on a disk that refused it: then its case begins again."""
        for finding in findings:
            if finding.phase is Phase.NEW or finding.key in self._cases:
                yield finding
            elif finding.phase is Phase.UPDATE:
                yield replace(finding, phase=Phase.NEW)
