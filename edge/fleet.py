"""Which worker watches which camera, and what it has to be told."""

from edge.worker.job import Job, Shares
from edge.worker.messages import Cut, Look, Point, Take, View
from edge.worker.parent import VisionWorker


class Fleet:
    """The workers that run now. What lasts (where a camera points, who watches it) is said again to every worker that
    starts."""

    def __init__(self, jobs: tuple[Job, ...]) -> None:
        self._jobs = jobs
        self._number: dict[str, int] = {}
        self._workers: dict[int, VisionWorker] = {}
        self._points: dict[str, Point] = {}
        self._views: dict[str, View] = {}
        self._count()

    @property
    def shares(self) -> Shares:
        """The names of each worker's cameras."""
        return tuple(frozenset(camera.name for camera in job.cameras) for job in self._jobs)

    @property
    def cameras(self) -> frozenset[str]:
        return frozenset(self._number)

    @property
    def running(self) -> frozenset[int]:
        """Numbers of the workers that have something to watch."""
        return frozenset(self._number.values())

    def job(self, number: int) -> Job:
        """Of the worker that runs, or is started next."""
        return self._jobs[number]

    def take(self, jobs: tuple[Job, ...]) -> None:
        """What the workers that are started from now on have to do; those that run are told by `tell`."""
        self._jobs = jobs
        self._count()
        for lasting in (self._points, self._views):
            for camera in lasting.keys() - self._number.keys():
                del lasting[camera]

    def tell(self, number: int, anew: frozenset[str], rules: frozenset[str]) -> None:
        """A worker that goes on: be as your job is now (edge.worker.messages.Change)."""
        worker = self._workers.get(number)
        if worker is not None:
            worker.change(self._jobs[number], anew, rules)

    def started(self, number: int, worker: VisionWorker) -> None:
        self._workers[number] = worker

    def gone(self, number: int) -> None:
        self._workers.pop(number, None)

    def ready(self, number: int) -> None:
        """The worker listens from now on, or has other cameras."""
        lasting: tuple[Point | View, ...] = (*self._points.values(), *self._views.values())
        for order in lasting:
            if self._number[order.camera] == number:
                self._workers[number].order(order)

    def order(self, order: Look | Point | View | Take | Cut) -> None:
        """To whoever watches that camera; nobody does while a worker is being started again, or where the camera was
        taken away."""
        number = self._number.get(order.camera)
        if number is None:
            return
        if isinstance(order, Point):
            self._points[order.camera] = order
        elif isinstance(order, View):
            self._views[order.camera] = order
        worker = self._workers.get(number)
        if worker is not None:
            worker.order(order)

    def _count(self) -> None:
        self._number = {
            camera.name: number for number, job in enumerate(self._jobs) for camera in job.cameras
        }
