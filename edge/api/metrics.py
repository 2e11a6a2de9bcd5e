"""/metrics: what a Prometheus server asks for, by a token of scope `metrics` (the text format 0.0.4)."""

from collections.abc import Awaitable, Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from edge.accounts.roles import Act, Asker
from edge.api.answers import refused
from edge.api.gate import admitted
from edge.api.parts import Parts
from edge.publisher import State
from streams.problem import ProblemError
from streams.reader import CameraState

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TOTALS = {
    "pictures": "Pictures decoded",
    "analysed": "Pictures analysed",
    "dropped": "Pictures overwritten by newer ones",
    "spoilt": "Packets that did not decode",
    "reconnects": "Times the camera was connected to again",
    "wakes": "Times the camera went from listening to looking",
}


_BOX = {  # of the newest sample: the name there, here, and in words
    "cpu": ("sandwatch_cpu_ratio", "Share of all cores that worked in the last ten seconds"),
    "memory": ("sandwatch_memory_used_ratio", "Share of the box's memory in use"),
    "disk": ("sandwatch_disk_used_ratio", "Share in use of the disk where proof is kept"),
    "celsius": ("sandwatch_temperature_celsius", "The warmest sensor of the box"),
    "waiting": ("sandwatch_outbox_waiting", "Messages in the outbox that somebody has not got yet"),
    "waiting_s": ("sandwatch_outbox_oldest_seconds", "How long the oldest of them has waited"),
}


def metrics(box: Parts) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint."""

    async def answer(request: Request) -> Response:
        try:
            asker = await admitted(request, box.accounts, Act.METRICS)
        except ProblemError as error:
            return await refused(request, error)
        registry = CollectorRegistry()
        registry.register(_Told(box, asker))
        return Response(generate_latest(registry), headers={"Content-Type": _TYPE})

    return answer


class _Told(Collector):
    def __init__(self, box: Parts, asker: Asker) -> None:
        self._box, self._asker = box, asker

    def collect(self) -> Iterable[Metric]:
        yield from self._cameras()
        if self._asker.everywhere:
            yield from self._site()
            yield from self._vitals()

    def _cameras(self) -> Iterator[Metric]:
        status = self._box.status
        seen = [name for name in self._box.cameras if self._asker.sees(name)]
        up = GaugeMetricFamily("sandwatch_camera_up", "Whether the camera is live", labels=["camera"])
        rate = GaugeMetricFamily("sandwatch_camera_fps", "Pictures decoded per second", labels=["camera"])
        totals = {
            field: CounterMetricFamily(f"sandwatch_camera_{field}", words, labels=["camera"])
            for field, words in _TOTALS.items()
        }
        for name in seen:
            up.add_metric([name], float(status.cameras.get(name) is CameraState.LIVE))
            if (fps := self._box.watch.fps(name)) is not None:
                rate.add_metric([name], fps)
            if (counts := status.counts.get(name)) is not None:
                for field, family in totals.items():
                    family.add_metric([name], getattr(counts, field))
        yield from (up, rate, *totals.values())

    def _vitals(self) -> Iterator[Metric]:
        """What is not known is not there."""
        last = self._box.samples.last
        for key, (name, words) in _BOX.items():
            value = last.box.get(key) if last is not None else None
            if value is not None:
                yield GaugeMetricFamily(name, words, value)

    def _site(self) -> Iterator[Metric]:
        status = self._box.status
        link = float(status.link[0] is State.ONLINE)
        yield GaugeMetricFamily("sandwatch_link_up", "Whether the first centre's broker is reached", link)
        troubles = GaugeMetricFamily(
            "sandwatch_trouble", "What is wrong now", labels=["what", "camera", "code"]
        )
        for what, camera, problem in status.troubles():
            troubles.add_metric([what, camera or "", problem.code], 1)
        yield troubles
        yield GaugeMetricFamily(
            "sandwatch_console_listeners", "Pages that follow changes", len(self._box.hub)
        )
        yield CounterMetricFamily(
            "sandwatch_console_dropped", "Pages that did not keep up", self._box.hub.dropped
        )
        refused = self._box.orders.refused
        yield CounterMetricFamily("sandwatch_orders_refused", "Orders of which nothing was done", refused)
