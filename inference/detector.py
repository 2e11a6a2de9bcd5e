"""What a detector kind promises, beside the Detector protocol itself."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from inference.detections import Fit
from inference.manifest import Manifest
from streams.problem import Misconfigured


class DetectorSpec(BaseModel):
    """The settings every detector kind has. Kinds derive from it and narrow `kind` to a literal.

    served: the model's file lies on a server; only its manifest is looked for here.
    """

    served: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str

    @property
    def at_once(self) -> bool:
        """Whether several cameras' pictures at once cost less than one after the other; on a CPU they do not."""
        return False


class Described:
    """What a detector's manifest says of it. See inference.detections.Detector."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    @property
    def classes(self) -> tuple[str, ...]:
        return self._manifest.classes

    @property
    def size(self) -> tuple[int, int]:
        return self._manifest.input.width, self._manifest.input.height

    @property
    def fit(self) -> Fit:
        return self._manifest.input.fit


class DetectorFailed(Misconfigured):
    """The model ran and failed, or would not load; `problem` says why and what to do."""
