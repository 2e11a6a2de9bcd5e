"""The floor: the same pictures and views with nothing around the libraries -- no motion, no boxes, no tracks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import thread_time

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from inference.manifest import Model
from inference.runtime import onnx_runtime
from inference.sheets import Sheet
from inference.views import Cutter

_PADDING = 32  # px: what detectors with a free input size pad to

Looks = Mapping[int, tuple[Sheet, ...]]
"""Which sheets of which picture (counted from the start of the clip) are converted and inferred."""


class Bare:
    """Convert and infer, one thread. steps: CPU seconds of the calling thread per step."""

    def __init__(self, model: Model) -> None:
        recipe = model.manifest.input
        runtime = onnx_runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = runtime.InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])
        taken = self._session.get_inputs()[0]
        self._name = taken.name
        self._flexible = not all(isinstance(side, int) for side in taken.shape[2:])
        self._cutter = Cutter((recipe.width, recipe.height), recipe.fit)
        self._tensor = np.zeros((1, 3, recipe.height, recipe.width), np.float32)
        self.steps: dict[str, float] = defaultdict(float)

    def look(self, picture: VideoFrame, sheets: tuple[Sheet, ...]) -> None:
        for sheet in sheets:
            with self._timed("convert"):
                for pane in sheet.panes:
                    left, top, right, bottom = pane.box
                    cut = self._cutter.scaled(picture, pane.cut)
                    self._tensor[0, :, top:bottom, left:right] = cut.transpose(2, 0, 1)
            with self._timed("infer"):
                self._session.run(None, {self._name: self._padded(sheet)})

    def _padded(self, sheet: Sheet) -> NDArray[np.float32]:
        """What the product pays for: no more than the sheet in multiples of 32 px, where the model takes that."""
        if not self._flexible:
            return self._tensor
        width, height = (-(-side // _PADDING) * _PADDING for side in sheet.size)
        return np.ascontiguousarray(self._tensor[:, :, :height, :width])

    def play(self, container: InputContainer, looks: Looks, pictures: int) -> None:
        """Decode to the end; `pictures` is the length of the clip, which a camera plays again and again."""
        index = 0
        for packet in container.demux(container.streams.video[0]):
            for picture in packet.decode():
                self.look(picture, looks.get(index % pictures, ()))
                index += 1

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = thread_time()
        yield
        self.steps[step] += thread_time() - start


def watch(url: str, model: Model, looks: Looks, pictures: int) -> None:
    """The floor of a live camera: the bare steps at the camera's own pace, in a process of their own."""
    options = {"rtsp_transport": "tcp"}
    with av.open(url, options=options, timeout=(5, 5)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        Bare(model).play(container, looks, pictures)
