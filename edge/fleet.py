"""Which worker watches which camera, and what it has to be told."""

from edge.worker.job import Job
from edge.worker.messages import Cut, Look, Point, Take, View
from edge.worker.parent import VisionWorker


class Fleet:
    """The workers that run now. What lasts (where a camera points, who watches it) is said again to every worker that
    starts."""

    def __init__(self, jobs: tuple[Job, ...]) -> None:
        self._number = {camera.name: number for number, job in enumerate(jobs) for camera in job.cameras}
        self._workers: dict[int, VisionWorker] = {}
        self._points: dict[str, Point] = {}
        self._views: dict[str, View] = {}

    def started(self, number: int, worker: VisionWorker) -> None:
        self._workers[number] = worker

    def ready(self, number: int) -> None:
        """The worker listens from now on."""
        lasting: tuple[Point | View, ...] = (*self._points.values(), *self._views.values())
        for order in lasting:
            if self._number[order.camera] == number:
                self._workers[number].order(order)

    @property
    def cameras(self) -> frozenset[str]:
        return frozenset(self._number)

    def order(self, order: Look | Point | View | Take | Cut) -> None:
        """To whoever watches that camera; nobody does while a worker is being started again."""
        if isinstance(order, Point):
            self._points[order.camera] = order
        elif isinstance(order, View):
            self._views[order.camera] = order
        worker = self._workers.get(self._number[order.camera])
        if worker is not None:
            worker.order(order)
