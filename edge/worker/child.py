"""The vision worker's process: a reader thread per camera, one inference thread, and a heartbeat."""

import faulthandler
import os
import resource
import signal
import socket
import threading
import time

import cv2
import structlog

from edge import logs
from edge.worker.cameras import Cameras, Told
from edge.worker.engine import Engine
from edge.worker.errands import Errands
from edge.worker.feeder import Crossing, Feeder
from edge.worker.job import Job
from edge.worker.link import Link, unpacked
from edge.worker.messages import (
    Beat,
    CameraCounts,
    CameraStatus,
    Change,
    Cut,
    LandCounts,
    Ready,
    Refused,
    Stop,
    Take,
    Trouble,
    View,
)
from edge.worker.recorder import Recorder
from edge.worker.station import Station
from inference.detections import Detector
from inference.detector import DetectorFailed
from streams import kinds
from streams.problem import Misconfigured, Problem
from streams.reader import CameraReport, CameraState

_BEAT = 1.0  # s between heartbeats
_STUCK = 15.0  # s: a picture takes tens of ms; an inference thread silent this long will not come back
_LEAVE = 1.0  # s for the inference thread to end its events; the daemon kills after 1.5 s
_READERS = 0.2  # s for readers: those that sit out a time-out have nothing to put away and end with us

log = structlog.get_logger()


def main(fd: int, packets_fd: int) -> None:
    """Run until the daemon says stop or goes away. Ctrl-C reaches the whole group: the daemon handles it.

    fd: orders and messages; packets_fd: what is watched live.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    cv2.setNumThreads(1)  # its pictures here are thumbnails: a thread pool costs more than it saves
    with socket.socket(fileno=fd) as sock, socket.socket(fileno=packets_fd) as packets:
        link = Link(sock)
        try:
            job = link.receive_job()
            logs.configure(job.log_level, job.log_format)
            Child(job, link, packets).run()
        except (DetectorFailed, Misconfigured) as failed:
            link.send(Refused(problem=failed.problem))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            log.info("worker.orphaned", pid=os.getpid())


class Child:
    """Owns the threads of one worker."""

    def __init__(self, job: Job, link: Link, packets: socket.socket) -> None:
        self._link = link
        self._stop = threading.Event()
        self._broken = False
        self._bell = threading.Event()
        detector = self._detector(job)
        self._recorder = Recorder(job.evidence, self._bell)
        self._cameras = Cameras(detector, self._recorder, self._bell, Told(self._report, self._trouble))
        watches = self._cameras.first(job)
        self._stations = self._cameras.stations
        self._feeder = Feeder(packets, {name: each.outlook for name, each in self._stations.items()})
        self._errands = Errands(self._stations, self._recorder, job.evidence, link.send)
        self._engine = Engine(watches, self._bell, link, detector, at_once=job.detector.at_once)
        self._thread = threading.Thread(target=self._infer, name="inference", daemon=True)

    def run(self) -> None:
        self._ready()
        self._thread.start()
        self._recorder.start()
        self._errands.start()
        self._cameras.start()
        while self._attend() and self._healthy():
            self._link.send(self._beat())
        self._leave()

    def _attend(self) -> bool:
        """Take orders until the next heartbeat is due. False: go."""
        due = time.monotonic() + _BEAT
        while (left := due - time.monotonic()) > 0:
            for order in self._link.orders(left):
                if isinstance(order, Stop):
                    return False
                if isinstance(order, Change):
                    self._change(order)
                elif isinstance(order, View):
                    self._feeder.obey(order)
                elif isinstance(order, Take | Cut):
                    self._errands.obey(order)
                else:
                    self._engine.order(order)
        return True

    def _change(self, change: Change) -> None:
        job, before = unpacked(change.job), dict(self._stations)
        logs.configure(job.log_level, job.log_format)
        exchange = self._cameras.change(job, change.anew, change.rules, self._ready)
        for name in before.keys() - self._stations.keys():
            self._feeder.drop(name)
        for name, station in self._stations.items():
            if before.get(name) is not station:
                self._feeder.put(name, station.outlook)
        self._engine.exchange(exchange)

    def _ready(self) -> None:
        goes_on = tuple(case for watch in self._engine.watches for case in watch.goes_on)
        self._link.send(Ready(pid=os.getpid(), goes_on=goes_on))

    def _healthy(self) -> bool:
        """False when a thread died or hangs: then the process ends and the daemon starts another."""
        if self._broken:
            log.error("worker.reader_died")
            return False
        if not self._thread.is_alive():
            log.error("worker.inference_died")
            return False
        if time.monotonic() - self._engine.turned > _STUCK and not self._link.waiting:
            log.error("worker.inference_stuck", seconds=_STUCK)
            os._exit(70)  # the thread holds on to something: a clean exit would wait for it
        return True

    def _leave(self) -> None:
        self._stop.set()
        self._bell.set()
        self._feeder.stop()
        for station in self._stations.values():
            station.stop()
        self._thread.join(_LEAVE)
        deadline = time.monotonic() + _READERS
        for station in self._stations.values():
            station.join(max(0.0, deadline - time.monotonic()))

    def _infer(self) -> None:
        self._engine.run(self._stop)

    @staticmethod
    def _detector(job: Job) -> Detector:
        kind = kinds.load("inference.detectors", job.detector.kind)
        detector: Detector = kind.build(job.detector, job.model, job.threads)
        return detector

    def _trouble(self, code: str, camera: str, problem: Problem | None) -> None:
        self._link.send(Trouble(code=code, camera=camera, problem=problem))

    def _report(self, report: CameraReport) -> None:
        self._broken = self._broken or report.state is CameraState.FAILED
        self._link.send(
            CameraStatus(
                camera=report.camera,
                state=report.state,
                problem=report.problem,
                retry_in=report.retry_in,
            )
        )

    def _beat(self) -> Beat:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        land = {watch.camera: watch.land_counts for watch in self._engine.watches}
        return Beat(
            cameras={
                name: _counts(station, land.get(name), self._feeder.counts[name])
                for name, station in self._stations.items()
            },
            rss=_resident(),
            cpu=usage.ru_utime + usage.ru_stime,
        )


def _counts(station: Station, land: LandCounts | None, crossing: Crossing) -> CameraCounts:
    seen, slot = station.camera.statistics(), station.slot.statistics()
    return CameraCounts(
        pictures=seen.eye.pictures,
        glimpses=seen.eye.glimpses,
        analysed=slot.taken,
        dropped=slot.dropped,
        skipped=seen.eye.skipped,
        spoilt=seen.eye.spoilt,
        wakes=seen.eye.wakes,
        reconnects=seen.reader.reconnects,
        reconnects_per_hour=seen.reader.reconnects_per_hour,
        stalls_per_hour=seen.reader.stalls_per_hour,
        ring_bytes=seen.ring.bytes,
        ring_seconds=round(seen.ring.seconds, 2),
        clock_offset=seen.reader.offset,
        land=land,
        crossed=crossing.sent,
        uncrossed=crossing.skipped,
    )


def _resident() -> int:
    """Bytes of this process in memory now (proc(5): the second field of statm, in pages)."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 (no Path object every second)
        return int(file.read().split()[1]) * resource.getpagesize()
