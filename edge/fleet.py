"""Which worker watches which camera, and what it has to be told."""

from edge.worker.job import Job
from edge.worker.messages import Look, Point
from edge.worker.parent import VisionWorker


class Fleet:
    """The workers that run now. What lasts (where a camera points) is said again to every worker that starts."""

    def __init__(self, jobs: tuple[Job, ...]) -> None:
        self._number = {camera.name: number for number, job in enumerate(jobs) for camera in job.cameras}
        self._workers: dict[int, VisionWorker] = {}
        self._points: dict[str, Point] = {}

    def started(self, number: int, worker: VisionWorker) -> None:
        self._workers[number] = worker

    def ready(self, number: int) -> None:
        """The worker listens from now on."""
        for camera, point in self._points.items():
            if self._number[camera] == number:
                self._workers[number].order(point)

    def order(self, order: Look | Point) -> None:
        """To whoever watches that camera; nobody does while a worker is being started again."""
        if isinstance(order, Point):
            self._points[order.camera] = order
        worker = self._workers.get(self._number[order.camera])
        if worker is not None:
            worker.order(order)
