"""What weather, light and people do to a camera's picture: on luma, uint8 [h, w], seconds as the clock."""

from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from inference.views import luma

Luma = NDArray[np.uint8]
CLIP = Path(__file__).parents[2] / "config/demo/clip.mp4"


@cache
def clip(every: int = 2) -> tuple[Luma, ...]:
    """The demo clip, 640x360; every second picture is 5 per second."""
    with av.open(str(CLIP)) as container:
        pictures = enumerate(container.decode(video=0))
        return tuple(luma(picture).copy() for number, picture in pictures if number % every == 0)


@cache
def ground() -> Luma:
    """The demo's site without anything that moves."""
    return np.asarray(np.median(np.stack(clip()[::4]), axis=0), np.uint8)


def clipped(picture: NDArray[np.floating]) -> Luma:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def grainy(picture: Luma, sigma: float, seed: int) -> Luma:
    """Sensor noise, grey levels."""
    return clipped(picture + np.random.default_rng(seed).normal(0, sigma, picture.shape))


def rainy(picture: Luma, drops: int, seed: int) -> Luma:
    """Streaks at random places, a few px wide and up to a fifteenth of the picture long."""
    noise = np.random.default_rng(seed)
    height, width = picture.shape
    streaks = np.zeros(picture.shape, np.uint8)
    for x, y in noise.integers(0, (width, height), (drops, 2)).tolist():
        length = int(noise.integers(height // 30, height // 15))
        cv2.line(
            streaks, (x, y), (x + length // 8, y + length), (int(noise.integers(25, 60)),), 1, cv2.LINE_AA
        )
    return clipped(picture.astype(np.float32) + cv2.GaussianBlur(streaks, (3, 3), 0))


def windy(picture: Luma, time: float, part: tuple[int, int, int, int], sway: float = 3.0) -> Luma:
    """A part (left, top, right, bottom) in which every twig swings by `sway` px at its own pace."""
    left, top, right, bottom = part
    noise = np.random.default_rng(5)
    shape = (bottom - top, right - left)
    twigs = noise.integers(40, 180, (shape[0] // 4 + 1, shape[1] // 4 + 1), np.uint8)
    tree = cv2.resize(twigs, shape[::-1], interpolation=cv2.INTER_LINEAR)
    coarse = noise.uniform(0, 2 * np.pi, (2, 5, 5)).astype(np.float32)
    phase = [cv2.resize(each, shape[::-1], interpolation=cv2.INTER_LINEAR) for each in coarse]
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    across += (sway * np.sin(2 * np.pi * 0.7 * time + phase[0])).astype(np.float32)
    down += (sway / 2 * np.sin(2 * np.pi * 0.9 * time + phase[1])).astype(np.float32)
    swung = picture.copy()
    swung[top:bottom, left:right] = cv2.remap(
        tree, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return swung


def clouded(picture: Luma, edge: float, gain: float = 0.6) -> Luma:
    """A cloud's shadow whose soft border lies at `edge` of the width, and everything left of it in its shade."""
    x = np.linspace(0, 1, picture.shape[1], dtype=np.float32)
    light = gain + (1 - gain) / (1 + np.exp(-(x - edge) * 25))
    return clipped(picture * light[None, :])


def lit(picture: Luma, x: float, y: float, strength: float = 70.0, reach: float = 0.12) -> Luma:
    """The pool of light of headlights round a place (0 to 1 of the picture); reach: of its width."""
    height, width = picture.shape
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    away = ((across - x * width) / (reach * width)) ** 2 + ((down - y * height) / (reach * width / 2)) ** 2
    return clipped(picture + strength * np.exp(-away))


def foggy(picture: Luma, share: float) -> Luma:
    """share: of the light that comes from the fog instead."""
    return clipped(picture * (1 - share) + 190 * share)


def darkened(picture: Luma, gain: float) -> Luma:
    return clipped(16 + (picture.astype(np.float32) - 16) * gain)
