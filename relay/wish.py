"""What somebody who connects wants."""

from dataclasses import dataclass

from relay.media.policy import Purpose


@dataclass(frozen=True, slots=True)
class Wish:
    """PUBLISH and TALK name a group and the member that connects; WATCH names a camera, or a group (its floor is heard),
    or a group and the member whose publication is seen and heard.
    """

    purpose: Purpose
    group: str | None = None
    member: str | None = None
    camera: str | None = None
