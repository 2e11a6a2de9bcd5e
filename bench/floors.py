"""What quiet cameras cost with nothing around the libraries, and the way that decodes everything; each at the
camera's own pace, in a process of its own."""

import contextlib
import multiprocessing
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import av
import cv2
import numpy as np
import psutil
from av.container import InputContainer
from numpy.typing import NDArray

from bench.scenes import HEIGHT, WIDTH

Array = NDArray[Any]

FFMPEG = "ffmpeg"
_OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "0", "probesize": "32768"}
_TIMEOUT = (30, 30)  # s to open, to read
_FPS = 5
_GROW = np.ones((3, 3), np.uint8)
_ROWS = 100  # px of the picture in which motion is looked for


class NoFfmpeg(Exception):
    """The bench needs the ffmpeg program, as the way it compares with does."""

    def __init__(self) -> None:
        super().__init__(
            "this bench needs the ffmpeg program beside the library: sudo apt-get install ffmpeg"
        )


def needs_ffmpeg() -> None:
    """Raises NoFfmpeg."""
    if shutil.which(FFMPEG) is None:
        raise NoFfmpeg


def demux(url: str) -> None:
    with _opened(url) as container:
        for _ in container.demux(container.streams.video[0]):
            pass


def key_frames(url: str) -> None:
    """Demultiplex everything, decode key frames."""
    with _opened(url) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            if packet.is_keyframe:
                packet.decode()


def everything(url: str) -> None:
    """An ffmpeg process decodes all, hands five pictures a second through a pipe, and motion is looked for in them:
    a running mean at 100 px height, difference, threshold, contours."""
    command = (FFMPEG, "-loglevel", "error", "-threads", "1", "-rtsp_transport", "tcp", "-i", url)
    output = ("-r", str(_FPS), "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:")
    cv2.setNumThreads(1)
    mean = np.zeros((_ROWS, WIDTH * _ROWS // HEIGHT), np.float32)
    with subprocess.Popen((*command, *output), stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        picture = bytearray(WIDTH * HEIGHT * 3 // 2)
        while _filled(process.stdout.readinto, memoryview(picture)):  # type: ignore[attr-defined]
            luma = np.frombuffer(picture, np.uint8, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)
            small = cv2.resize(luma, mean.shape[::-1], interpolation=cv2.INTER_LINEAR)
            _moving(small, mean)


def _moving(small: Array, mean: Array) -> int:
    change = cv2.absdiff(cv2.GaussianBlur(small, (3, 3), 0), cv2.convertScaleAbs(mean))
    _, mask = cv2.threshold(change, 30, 255, cv2.THRESH_BINARY)
    grown = cv2.dilate(mask, _GROW)
    contours, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.accumulateWeighted(small, mean, 0.01)
    return len(contours)


def _filled(read: Callable[[memoryview], int], view: memoryview) -> bool:
    """Read until the picture is whole. False: the end."""
    place = 0
    while place < len(view):
        count = read(view[place:])
        if not count:
            return False
        place += count
    return True


@contextlib.contextmanager
def _opened(url: str) -> Iterator[InputContainer]:
    with av.open(url, options=_OPTIONS, timeout=_TIMEOUT) as container:
        yield container


@contextlib.contextmanager
def beside(work: Callable[[str], None], url: str) -> Iterator[psutil.Process]:
    """`work` in a process of its own, killed with its children at the end."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=(url,))
    process.start()
    assert process.pid is not None
    found = psutil.Process(process.pid)
    try:
        yield found
    finally:
        for child in found.children(recursive=True):
            child.kill()
        process.kill()
        process.join()


def cpu(process: psutil.Process) -> float:
    """s so far, with its children's. Raises RuntimeError where it is gone: half a floor is none."""
    if process.status() == psutil.STATUS_ZOMBIE:
        raise RuntimeError("a floor lost its camera: the machine is too busy to measure on")
    family = (process, *process.children(recursive=True))
    return sum(float(times.user + times.system) for times in (member.cpu_times() for member in family))
