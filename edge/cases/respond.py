"""Whom an event goes to, as it says itself."""

from edge.wire import WireModel


class Respond(WireModel):
    """unit: that is responsible. officers: on duty when it happened, the first in line first. deadline: RFC 3339, by when
    somebody should be on the way."""

    unit: str | None = None
    officers: tuple[str, ...] = ()
    deadline: str | None = None
