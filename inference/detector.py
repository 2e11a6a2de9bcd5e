"""What a detector kind promises, beside the Detector protocol itself."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

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


class DetectorFailed(Misconfigured):
    """The model ran and failed, or would not load; `problem` says why and what to do."""
