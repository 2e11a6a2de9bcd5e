"""What has to be known of a video codec to hand its packets on without decoding them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Syntax:
    """Of RTP payloads. begins_key: a key frame, or a part of one, begins here; opens: a decoder that knows nothing may
    begin here."""

    begins_key: Callable[[bytes], bool]
    opens: Callable[[bytes], bool]
