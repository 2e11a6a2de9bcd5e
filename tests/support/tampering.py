"""What people do to cameras, on luma (uint8 [h, w]), and the way every picture takes through an encoder."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import av
import cv2
import numpy as np

from inference.views import luma
from tests.support.weather import Luma, clip, clipped, grainy

Change = Callable[[Luma, int], Luma]  # a picture, and its second in the scene


def encoded(pictures: Iterator[Luma], crf: int = 28) -> Iterator[Luma]:
    """Each picture as a key frame of H.264, decoded again: with real compression and its artefacts."""
    coder = av.CodecContext.create("libx264", "w")
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(coder, av.VideoCodecContext)
    assert isinstance(decoder, av.VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt = 640, 360, "yuv420p"
    coder.time_base, coder.framerate, coder.gop_size = Fraction(1), Fraction(1), 1
    coder.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": str(crf)}
    for second, picture in enumerate(pictures):
        planes = np.full((540, 640), 128, np.uint8)
        planes[:360] = picture
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts = second
        for packet in coder.encode(frame):
            for shown in decoder.decode(packet):
                yield luma(shown).copy()
    for shown in decoder.decode(None):
        yield luma(shown).copy()


def site(second: int) -> Luma:
    """The demo's site with its trucks and a sensor's noise; two of its seconds are never quite alike."""
    pictures = clip(10)
    return grainy(pictures[second % len(pictures)], 1.5, second)


def as_it_is(picture: Luma, second: int) -> Luma:
    return picture


@cache
def _cloth() -> Luma:
    coarse = np.random.default_rng(3).integers(25, 60, (4, 6), np.uint8)
    return np.asarray(cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_CUBIC), np.uint8)


def hand(picture: Luma, second: int) -> Luma:
    """A hand or cloth right before the lens: no edges, hardly any light."""
    return grainy(_cloth(), 1.5, second)


def paper(picture: Luma, second: int) -> Luma:
    """A bright sheet over the lens."""
    return grainy(np.full_like(picture, 150), 1.5, second)


def cap(picture: Luma, second: int) -> Luma:
    return np.full_like(picture, 16)


def spray(picture: Luma, second: int) -> Luma:
    """Paint on the front glass, far out of focus, over some 45 % of the picture."""
    height, width = picture.shape
    mask = np.zeros(picture.shape, np.float32)
    cv2.ellipse(
        mask,
        (int(0.4 * width), int(0.55 * height)),
        (int(0.38 * width), int(0.38 * height)),
        10,
        0,
        360,
        1,
        -1,
    )
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 12), np.float32)
    return grainy(clipped(picture * (1 - soft) + 90 * soft), 1.5, second)


def turned(across: float, down: float, angle: float = 0.0, zoom: float = 1.0) -> Change:
    """across, down: px of the 640x360 picture; angle: degrees. What comes into view is mirrored ground."""

    def change(picture: Luma, second: int) -> Luma:
        height, width = picture.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom)
        matrix = np.asarray(matrix + np.array([[0, 0, across], [0, 0, down]]), np.float64)
        return np.asarray(
            cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8
        )

    return change


def elsewhere(picture: Luma, second: int) -> Luma:
    """Another scene altogether: fences and sheds."""
    noise = np.random.default_rng(11)
    scene = np.full(picture.shape, 120, np.uint8)
    for _ in range(60):
        left, top = noise.integers(0, (600, 330)).tolist()
        right, bottom = left + int(noise.integers(10, 120)), top + int(noise.integers(10, 120))
        cv2.rectangle(scene, (left, top), (right, bottom), (int(noise.integers(40, 200)),), -1)
    return grainy(scene, 1.5, second)


def defocused(sigma: float) -> Change:
    """sigma: px of the 640x360 picture."""
    return lambda picture, second: grainy(
        np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8), 1.0, second
    )


def dazzled(picture: Luma, second: int) -> Luma:
    """A lamp straight into the lens."""
    height, width = picture.shape
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    away = ((across - 0.5 * width) / (0.35 * width)) ** 2 + ((down - 0.5 * height) / (0.5 * height)) ** 2
    return clipped(picture + 400 * np.exp(-away))


def lights_out(picture: Luma, second: int) -> Luma:
    return grainy(clipped(16 + (picture.astype(np.float32) - 16) * 0.04), 2, second)


def stuck(picture: Luma, second: int) -> Luma:
    return site(7)


def stuck_with_clock(picture: Luma, second: int) -> Luma:
    """The sensor hangs; the camera's own clock, drawn in a corner, goes on."""
    frozen = site(7).copy()
    cv2.putText(frozen, f"12:00:{second % 60:02d}", (10, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255,), 2)
    return frozen


def lorry(picture: Luma, second: int, share: float = 0.75) -> Luma:
    """The side of a lorry that stops right before the camera, over `share` of the picture's width."""
    shown = picture.copy()
    right = int(share * 640)
    shown[40:330, :right] = 170
    for x in range(20, right, 60):
        cv2.line(shown, (x, 45), (x, 325), (120,), 2)
    cv2.rectangle(shown, (0, 270), (right, 330), (60,), -1)
    cv2.putText(shown, "SAND 88", (60, 170), cv2.FONT_HERSHEY_SIMPLEX, 2.5, (40,), 8)
    return grainy(shown, 1.5, second)
