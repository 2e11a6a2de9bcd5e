"""Work that stops to ask a detector: whoever drives it decides when, and together with whose pictures, it is asked."""

from collections.abc import Generator, Sequence
from typing import TypeVar

from inference.detections import Detections, Detector, Picture

T = TypeVar("T")

Asking = Generator[list[Picture], list[Detections], T]
"""Yields pictures (at least one at a time), is sent one Detections for each, returns T."""


def answered(asking: Asking[T], detector: Detector) -> T:
    """Drive it to its end with this detector. Raises DetectorFailed."""
    return together([asking], detector)[0]


def together(askings: Sequence[Asking[T]], detector: Detector) -> list[T]:
    """Drive several to their ends, one detect() for the pictures all of them ask about at that moment.

    In their order. Raises DetectorFailed: then every one that was not done is closed, and none has a result.
    """
    done: dict[int, T] = {}
    asked: dict[int, list[Picture]] = {}
    for number, asking in enumerate(askings):
        _go_on(number, asking, None, asked, done)
    while asked:
        turn, asked = asked, {}
        try:
            answers = detector.detect([picture for pictures in turn.values() for picture in pictures])
        except BaseException:
            for number in turn:
                askings[number].close()
            raise
        for number, pictures in turn.items():
            mine, answers = answers[: len(pictures)], answers[len(pictures) :]
            _go_on(number, askings[number], mine, asked, done)
    return [done[number] for number in range(len(askings))]


def _go_on(
    number: int,
    asking: Asking[T],
    answer: list[Detections] | None,
    asked: dict[int, list[Picture]],
    done: dict[int, T],
) -> None:
    try:
        asked[number] = next(asking) if answer is None else asking.send(answer)
    except StopIteration as end:
        done[number] = end.value
