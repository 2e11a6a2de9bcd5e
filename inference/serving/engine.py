"""A model on a server as a network's engine: what it says of itself, batches, retries within a picture's life."""

import time
from random import Random

import numpy as np
import structlog

from inference.detector import DetectorFailed
from inference.manifest import Manifest
from inference.refusals import other_size
from inference.serving import problems
from inference.serving.wire import DTYPES, Away, Offer, Port, Tensor, Wire
from streams.problem import Problem, Text
from streams.retry import Ladder

_PICTURES = ("FP32", "FP16", "UINT8")
_FIRST_PAUSE = 0.1  # s, ceiling: a server that merely closed an idle connection takes the next one at once
_LONGEST_PAUSE = 0.4  # s, ceiling: two or three tries fit into the life of a picture

log = structlog.get_logger()


class ServerEngine:
    """See inference.network.Engine. patience: s for one batch, retries included."""

    def __init__(self, manifest: Manifest, wire: Wire, offer: Offer, most: int, patience: float) -> None:
        """Raises DetectorFailed for a model on the server that is not the manifest's."""
        self.patience = patience
        self._wire = wire
        self._image, self._others = _inputs(manifest.name, offer)
        self._outputs = _outputs(manifest, offer)
        self._most = self._image.shape[0] or most
        size = manifest.input.width, manifest.input.height
        if any(side not in (None, wanted) for side, wanted in zip(self.sides, size, strict=True)):
            raise DetectorFailed(other_size(manifest.name, self.sides, size))

    @property
    def sides(self) -> tuple[int | None, int | None]:
        height, width = self._image.shape[1:3] if self.channels_last else self._image.shape[2:4]
        return width, height

    @property
    def most(self) -> int:
        return self._most

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return DTYPES[self._image.datatype]

    @property
    def channels_last(self) -> bool:
        return self._image.shape[3] == 3

    @property
    def problem(self) -> Problem | None:
        return None

    def run(self, tensor: Tensor, size: tuple[int, int]) -> list[Tensor]:
        feed = {self._image.name: tensor}
        for other in self._others:  # DEIM wants the size its boxes are scaled to: ours is the input's own
            feed[other.name] = np.tile(np.array(size, DTYPES[other.datatype]), (len(tensor), 1))
        ladder = Ladder(Random(), first=_FIRST_PAUSE, cap=_LONGEST_PAUSE)  # noqa: S311 (spreads load)
        until = time.monotonic() + self.patience
        while True:
            try:
                return self._wire.infer(feed, self._outputs, until - time.monotonic())
            except Away:
                pause = ladder.wait(lived=0.0)
                if time.monotonic() + pause >= until:
                    raise
                time.sleep(pause)

    def find_most(self, size: tuple[int, int]) -> None:
        """Halve the batch until the server takes it: no metadata says its limits (max_batch_size, message length).
        Raises Away."""
        while self._most > 1:
            shape = (*size[::-1], 3) if self.channels_last else (3, *size[::-1])
            try:
                self.run(np.zeros((self._most, *shape), self.dtype), size)
            except Away:
                raise
            except DetectorFailed as failed:
                log.info("detector.smaller_batch", tried=self._most, reason=failed.problem.what.en)
                self._most //= 2
            else:
                return


def _inputs(model: str, offer: Offer) -> tuple[Port, list[Port]]:
    """The picture's, and the others."""
    images = [port for port in offer.inputs if len(port.shape) == 4 and port.datatype in _PICTURES]
    if len(images) != 1:
        has = ", ".join(_said(port) for port in offer.inputs) or "none"
        why = Text(
            f"of its inputs ({has}) one has to take pictures: four axes of {', '.join(_PICTURES)}",
            f"其输入（{has}）中须有一个接收图像：四维，类型为 {', '.join(_PICTURES)}",
        )
        raise DetectorFailed(problems.unlike(model, why))
    if images[0].shape[0] not in (None, 1):
        number = images[0].shape[0]
        why = Text(f"it takes {number} pictures at a time, never fewer", f"其每次必须输入 {number} 幅图像")
        raise DetectorFailed(problems.unlike(model, why))
    others = [port for port in offer.inputs if port is not images[0]]
    return images[0], others


def _outputs(manifest: Manifest, offer: Offer) -> tuple[str, ...]:
    there = tuple(port.name for port in offer.outputs)
    missing = [name for name in manifest.outputs if name not in there]
    if missing or not there:
        lacks, has = ", ".join(missing) or "any", ", ".join(there) or "none"
        why = Text(f"it has no output {lacks}, only {has}", f"其没有输出 {lacks}，只有 {has}")
        raise DetectorFailed(problems.unlike(manifest.name, why))
    return manifest.outputs or there


def _said(port: Port) -> str:
    sides = "x".join("any" if side is None else str(side) for side in port.shape)
    return f"{port.name} {port.datatype} {sides}"
