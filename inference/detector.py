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


class DetectorFailed(Misconfigured):
    """The model ran and failed, or would not load; `problem` says why and what to do."""
